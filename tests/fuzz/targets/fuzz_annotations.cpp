#include "benchmarks/annotations.h"

#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

using namespace clipscope;

namespace {

void check(bool holds)
{
    if (!holds)
        std::abort();
}

/// A file in memory, under a name that can be opened.
class MemoryFile final
{
public:
    MemoryFile(const std::uint8_t* data, std::size_t size)
    {
        check(m_descriptor >= 0 && ::write(m_descriptor, data, size) == static_cast<ssize_t>(size));
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(m_descriptor); }
    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_descriptor); }

private:
    int m_descriptor = ::memfd_create("annotations", 0);
};

} // namespace

/// The annotation files of the benchmarks. Whatever is accepted has items, with times in order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace benchmarks;
    const MemoryFile file(data, size);
    if (const auto clips = readYouCook2(file.path())) {
        check(!clips->empty());
        for (const ClipItem& clip : *clips)
            check(clip.startSecond >= 0 && clip.startSecond < clip.stopSecond);
    }
    if (const auto clips = readMsrVtt(file.path()))
        check(!clips->empty());
    if (const auto items = readMsrVttChoice(file.path())) {
        check(!items->empty());
        for (const ChoiceItem& item : *items)
            check(item.choices.size() == 5 && item.answer < 5);
    }
    if (const auto items = readDidemo(file.path())) {
        check(!items->empty());
        for (const PartItem& item : *items)
            for (const auto& [first, last] : item.times)
                check(first >= 0 && first <= last && last <= 5);
    }
    if (const auto benchmark = readCoin(file.path())) {
        check(!benchmark->actions.empty());
        for (const ActionVideo& video : benchmark->videos) {
            check(video.actions.size() == video.segments.size());
            for (std::size_t at = 0; at < video.actions.size(); ++at)
                check(video.actions[at] < benchmark->actions.size()
                    && video.segments[at].startSeconds >= 0.0
                    && video.segments[at].startSeconds <= video.segments[at].stopSeconds);
        }
    }
    return 0;
}
