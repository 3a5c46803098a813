-- How many bytes a block has; null where bytes are not packed.
ALTER TABLE blocks ADD COLUMN size INTEGER CHECK (size > 0);
