"""Files become staged rows; a person looks; domain actions follow."""
