package event

import (
	"encoding/binary"
	"time"
)

// Receipt says that a batch with an idempotency key was taken, and what was
// answered. It stands in the spool right before the records of its batch, in
// the same commit: they are taken together or not at all.
type Receipt struct {
	Key      [16]byte // hash of the sender's token and the key
	Nonce    uint64   // random: tells this taking of the key from another
	Time     time.Time
	Records  uint32 // of the batch; they follow
	Accepted uint32
	Dropped  uint32
	Errors   string // the answer's errors as they were sent; "" for none
}

// AppendReceipt appends r as a record.
func AppendReceipt(b []byte, r *Receipt) []byte {
	b = append(b, byte(KindReceipt), recordVersion)
	b = append(b, r.Key[:]...)
	b = binary.LittleEndian.AppendUint64(b, r.Nonce)
	b = appendTime(b, r.Time)
	for _, n := range [...]uint32{r.Records, r.Accepted, r.Dropped} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return appendText(b, r.Errors)
}

// DecodeReceipt reads what AppendReceipt made. Errors shares rec's memory.
func DecodeReceipt(rec string) (Receipt, error) {
	d := decoder{s: rec}
	d.header(KindReceipt, recordVersion)
	var r Receipt
	copy(r.Key[:], d.take(uint64(len(r.Key))))
	r.Nonce, r.Time = d.uint64(), d.time()
	for _, n := range [...]*uint32{&r.Records, &r.Accepted, &r.Dropped} {
		*n = uint32(d.uvarint())
	}
	r.Errors = d.text()
	return r, d.end("receipt")
}
