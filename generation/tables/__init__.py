"""One module per output table, each with one public function of the table's name that returns its frame."""
