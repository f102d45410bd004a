"""Every read operation of the data model, with where its arguments come from, and a walk over all of them."""
