"""What comes in over HTTP: the API, the event source, CardDAV, and who may use them."""
