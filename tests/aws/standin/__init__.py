"""An AWS stand-in: moto behind one HTTP server, corrected where it differs from AWS and able to fail on command."""
