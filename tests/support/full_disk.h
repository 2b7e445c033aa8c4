#pragma once

#include <csignal>
#include <cstdint>
#include <sys/resource.h>

namespace clipscope::test {

/// While it lives, no file of this process grows beyond `bytes`: writes fail as on a full disk,
/// without a disk to fill.
class FullDisk final
{
public:
    explicit FullDisk(std::uint64_t bytes)
        : m_signalBefore(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        rlimit limit = m_before;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signalBefore);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit m_before{};
    void (*m_signalBefore)(int);
};

} // namespace clipscope::test
