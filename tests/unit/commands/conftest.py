from tests.support.alone import clone, lab_folder, root, sealing

__all__ = ["clone", "lab_folder", "root", "sealing"]
