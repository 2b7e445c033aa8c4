#include "store/event_file.h"

#include "base/require.h"
#include "store/append_file.h"
#include "store/event_messages.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <system_error>
#include <vector>

namespace clipscope::store {

namespace {

constexpr std::string_view namePrefix = "events.out.tfevents.";
constexpr std::size_t mostWaiting = 100'000;
constexpr std::size_t histogramParts = 30;

double secondsNow()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// The event files of a folder in the order of their names, which is the one TensorBoard reads.
std::vector<std::filesystem::path> eventFiles(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code))
        if (entry.path().filename().string().starts_with(namePrefix))
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// A name behind all others, also when the clock went back.
std::filesystem::path nextName(
    const std::filesystem::path& folder, const std::vector<std::filesystem::path>& files)
{
    auto seconds = static_cast<long long>(secondsNow());
    if (!files.empty()) {
        const std::string last = files.back().filename().string();
        long long of = 0;
        std::from_chars(last.data() + namePrefix.size(), last.data() + last.size(), of);
        seconds = std::max(seconds, of);
    }
    for (int number = 0;; ++number) {
        char name[80];
        std::snprintf(
            name, sizeof name, "events.out.tfevents.%010lld.clipscope.%05d", seconds, number);
        std::error_code code;
        if (!std::filesystem::exists(folder / name, code))
            return folder / name;
    }
}

Status cutTornEnd(const std::filesystem::path& path)
{
    CLIP_TRY_ASSIGN(const FileTail tail, readTail(path, 0));
    const std::size_t whole = wholeEventRecords(tail.bytes);
    if (whole == tail.bytes.size())
        return {};
    CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(path));
    return file.truncate(whole);
}

} // namespace

struct EventFile::Impl
{
    AppendFile file;
    std::string waiting;

    ~Impl() { (void)flush(); }
    Status add(const std::string& event)
    {
        waiting += eventRecord(event);
        return waiting.size() < mostWaiting ? Status() : flush();
    }
    Status flush()
    {
        Status status = file.append(std::as_bytes(std::span(waiting)));
        if (status)
            waiting.clear();
        return status;
    }
};

EventFile::EventFile(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
EventFile::EventFile(EventFile&&) noexcept = default;
EventFile& EventFile::operator=(EventFile&&) noexcept = default;
EventFile::~EventFile() = default;

Result<EventFile> EventFile::open(const std::filesystem::path& folder, std::int64_t firstStep)
{
    const auto files = eventFiles(folder);
    if (!files.empty())
        CLIP_TRY(cutTornEnd(files.back()));
    CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(nextName(folder, files)));
    std::unique_ptr<Impl> impl(new Impl{ std::move(file), {} });
    CLIP_TRY(impl->add(versionEvent(secondsNow())));
    CLIP_TRY(impl->add(startEvent(secondsNow(), firstStep)));
    CLIP_TRY(impl->flush());
    return EventFile(std::move(impl));
}

Status EventFile::scalar(std::string_view tag, std::int64_t step, double value)
{
    return m_impl->add(scalarEvent(secondsNow(), step, tag, value));
}

Status EventFile::histogram(std::string_view tag, std::int64_t step, std::span<const double> values)
{
    std::vector<double> finite;
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
        [](double value) { return std::isfinite(value); });
    if (finite.empty())
        return {};
    const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
    EventHistogram histogram{ *low, *high, static_cast<double>(finite.size()), 0.0, 0.0, {}, {} };
    const double width = (*high - *low) / static_cast<double>(histogramParts);
    std::vector<double> limits(histogramParts), counts(histogramParts);
    for (std::size_t part = 0; part < histogramParts; ++part)
        limits[part] = *low + width * static_cast<double>(part + 1);
    limits.back() = *high;
    for (const double value : finite) {
        const auto part = width > 0 ? static_cast<std::size_t>((value - *low) / width) : 0;
        counts[std::min(part, histogramParts - 1)] += 1.0;
        histogram.sum += value;
        histogram.sumOfSquares += value * value;
    }
    histogram.limits = limits;
    histogram.counts = counts;
    return m_impl->add(histogramEvent(secondsNow(), step, tag, histogram));
}

Status EventFile::histogram(std::string_view tag, std::int64_t step, std::span<const double> edges,
    std::span<const double> counts)
{
    CLIP_REQUIRE(!counts.empty() && edges.size() == counts.size() + 1,
        std::to_string(edges.size()) + " edges, " + std::to_string(counts.size()) + " counts");
    EventHistogram histogram{ edges.front(), edges.back(), 0.0, 0.0, 0.0, edges.subspan(1),
        counts };
    for (std::size_t part = 0; part < counts.size(); ++part) {
        const double middle = (edges[part] + edges[part + 1]) / 2.0;
        histogram.count += counts[part];
        histogram.sum += counts[part] * middle;
        histogram.sumOfSquares += counts[part] * middle * middle;
    }
    return m_impl->add(histogramEvent(secondsNow(), step, tag, histogram));
}

Status EventFile::text(std::string_view tag, std::int64_t step, std::string_view markdown)
{
    return m_impl->add(textEvent(secondsNow(), step, tag, markdown));
}

Status EventFile::flush()
{
    CLIP_TRY(m_impl->flush());
    return m_impl->file.sync();
}

const std::filesystem::path& EventFile::path() const
{
    return m_impl->file.path();
}

} // namespace clipscope::store
