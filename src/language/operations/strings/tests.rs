//! Tests of str methods.
