-- Limits and labels of an open batch can be changed: spec stays what was said at opening, so that the same opening again is known.

-- The limits that were asked for at opening or since; null where they are those of spec.
ALTER TABLE batch ADD COLUMN own_limits text;
