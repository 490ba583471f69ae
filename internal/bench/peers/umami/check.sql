SELECT sum(views) AS views FROM website_event_stats_hourly WHERE website_id = {website:UUID} AND event_type = 1;
