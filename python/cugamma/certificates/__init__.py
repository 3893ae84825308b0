"""What `cugamma-check-certificate` checks: it shares no code with cuGAMMA."""
