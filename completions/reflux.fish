complete --keep-order --exclusive --command reflux --arguments "(COMPLETE=fish reflux -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
