-- As shares_mv.
RENAME TABLE IF EXISTS totals_hourly_mv TO totals_hourly_mv_renamed, totals_hourly_mv_renamed TO totals_hourly_mv
