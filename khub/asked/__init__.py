"""What people searched for, and what the search box suggests."""
