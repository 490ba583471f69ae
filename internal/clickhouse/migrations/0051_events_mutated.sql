-- Changes nothing, and waits until what 0023 changes is there to be copied.
ALTER TABLE events UPDATE via_network = via_network WHERE 0
SETTINGS mutations_sync = 1
