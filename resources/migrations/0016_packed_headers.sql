-- The headers of both sides, packed together: as texts they took more room than all else of a run.
-- Older rows keep theirs as JSON in request_headers and response_headers, and have NULL here.
-- Packed bytes may begin with 2 from here on: zlib with the words of packing-words.txt.
ALTER TABLE exchanges ADD COLUMN headers BLOB;
