"""`oncue test`: tests of campaigns in YAML files, run without any server."""
