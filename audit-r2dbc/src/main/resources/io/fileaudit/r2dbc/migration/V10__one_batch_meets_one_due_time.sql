-- When the batch was opened that meets the next due time. It meets no other one, and is known after retention took it away.
ALTER TABLE expectation ADD COLUMN met_at timestamptz;
