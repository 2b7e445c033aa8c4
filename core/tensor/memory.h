#pragma once

namespace clipscope::tensor {

/// Lets the process keep what large tensors leave behind for the next ones, up to a gigabyte at the
/// top, instead of giving it back to the system at once: a network's intermediate results come and
/// go by the ten megabytes, and touching fresh memory for each costs S3D a seventh of its time.
/// For programs that compute and end; does nothing where the C library is not glibc.
/// Threads: once, at the start of the program.
void keepFreedMemory();

} // namespace clipscope::tensor
