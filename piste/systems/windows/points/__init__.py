"""The weak points of a directory, by LDAP alone: rules as data, a reader in few searches.

A file of this folder has the points of a subject. A point is an entry by its id: those of the agency are `vuln_*`
(ANSSI, *Points de contrôle Active Directory*, April 2026: 95 points, an id at a level), the others have level 0.
"""
