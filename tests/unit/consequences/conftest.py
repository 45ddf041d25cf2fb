from tests.support.alone import lab_folder, root, sealing

__all__ = ["lab_folder", "root", "sealing"]
