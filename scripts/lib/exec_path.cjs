// Preloaded under an emulator: the kernel cannot start process.execPath itself, so children and workers get the wrapper.
process.execPath = process.env.VERDANT_EXEC_PATH;
