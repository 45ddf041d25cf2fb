from tests.support.alone import lab_folder, sealing

__all__ = ["lab_folder", "sealing"]
