//! Reading picture files and refusing what is none.
