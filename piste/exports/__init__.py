"""Files that leave Piste: portal, runbooks, bag, the configurations kept each night."""
