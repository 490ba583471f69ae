-- Which parameters of a query are part of a page, and which hold a search's words.
ALTER TABLE sites ADD COLUMN page_params TEXT NOT NULL DEFAULT '';
ALTER TABLE sites ADD COLUMN search_params TEXT NOT NULL DEFAULT 's';
