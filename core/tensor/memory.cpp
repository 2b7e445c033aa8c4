#include "tensor/memory.h"

#if __has_include(<gnu/libc-version.h>)
#define CLIP_GLIBC 1
#include <malloc.h>
#endif

namespace clipscope::tensor {

void keepFreedMemory()
{
#ifdef CLIP_GLIBC
    constexpr int gigabyte = 1 << 30;
    mallopt(M_MMAP_THRESHOLD, gigabyte);
    mallopt(M_TRIM_THRESHOLD, gigabyte);
#endif
}

} // namespace clipscope::tensor
