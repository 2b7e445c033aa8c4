#include "store/step_records.h"

#include "base/files.h"
#include "base/half.h"
#include "base/hash.h"
#include "store/append_file.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace clipscope::store {

namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");
constexpr std::string_view magic = "CLIPSTEP";
constexpr std::uint32_t formatVersion = 1;
constexpr std::size_t headBytes = 12; // magic, version
constexpr std::size_t frameBytes = 9; // kind and length before, checksum after the content
constexpr char clusterKind = 'C', stepKind = 'S';
constexpr std::string_view prefix = "epoch-", suffix = ".records";

std::filesystem::path fileOf(const std::filesystem::path& folder, std::int64_t epoch)
{
    std::string number = std::to_string(epoch);
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
    return folder / (std::string(prefix) + number + std::string(suffix));
}

std::uint32_t checksumOf(std::string_view bytes)
{
    std::uint32_t checksum = 0;
    const std::string hex = hashOf(bytes);
    std::from_chars(hex.data(), hex.data() + 8, checksum, 16);
    return checksum;
}

/// Numbers as little-endian base 128, signed ones folded so that small ones stay short.
class Encoder final
{
public:
    void natural(std::int64_t value)
    {
        for (auto rest = static_cast<std::uint64_t>(value);;) {
            const auto low = static_cast<char>(rest & 0x7F);
            rest >>= 7;
            m_bytes += static_cast<char>(rest == 0 ? low : low | '\x80');
            if (rest == 0)
                return;
        }
    }
    void integer(std::int64_t value) { natural((value << 1) ^ (value >> 63)); }
    template<typename Number> void plain(Number value)
    {
        m_bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
    /// The content in its frame.
    std::string framed(char kind) const
    {
        Encoder frame;
        frame.m_bytes += kind;
        frame.plain(static_cast<std::uint32_t>(m_bytes.size()));
        frame.m_bytes += m_bytes;
        frame.plain(checksumOf(frame.m_bytes));
        return std::move(frame.m_bytes);
    }

private:
    std::string m_bytes;
};

/// Reads what Encoder wrote; after a read beyond the end isGood() is false.
class Decoder final
{
public:
    explicit Decoder(std::string_view bytes)
        : m_rest(bytes)
    {
    }
    std::int64_t natural()
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = plain<std::uint8_t>();
            value |= std::uint64_t(byte & 0x7F) << shift;
            if ((byte & 0x80) == 0)
                return static_cast<std::int64_t>(value);
        }
        m_good = false;
        return 0;
    }
    std::int64_t integer()
    {
        const auto folded = static_cast<std::uint64_t>(natural());
        return static_cast<std::int64_t>(folded >> 1) ^ -static_cast<std::int64_t>(folded & 1);
    }
    template<typename Number> Number plain()
    {
        Number value{};
        if (m_rest.size() < sizeof(value)) {
            m_good = false;
            m_rest = {};
            return value;
        }
        std::memcpy(&value, m_rest.data(), sizeof(value));
        m_rest.remove_prefix(sizeof(value));
        return value;
    }
    /// A count of items of at least `leastBytes` each, so that no damaged one asks for memory.
    std::size_t count(std::size_t leastBytes)
    {
        const std::int64_t value = natural();
        if (value < 0 || static_cast<std::uint64_t>(value) > m_rest.size() / leastBytes) {
            m_good = false;
            return 0;
        }
        return static_cast<std::size_t>(value);
    }
    bool isGood() const { return m_good; }
    bool isAtEnd() const { return m_rest.empty(); }

private:
    std::string_view m_rest;
    bool m_good = true;
};

std::string encode(const ClusterRecord& record)
{
    Encoder out;
    out.natural(record.epoch);
    out.natural(record.cluster);
    out.integer(record.seedVideoId);
    out.natural(static_cast<std::int64_t>(record.candidates.size()));
    for (const ClusterCandidate& candidate : record.candidates) {
        out.integer(candidate.videoId);
        out.plain(candidate.distance);
        out.plain(static_cast<std::uint8_t>(candidate.drawn));
    }
    return out.framed(clusterKind);
}

std::string encode(const StepRecord& record)
{
    Encoder out;
    out.natural(record.step);
    out.natural(record.epoch);
    out.natural(record.firstCluster);
    out.natural(record.clusters);
    out.plain(record.loss);
    out.natural(static_cast<std::int64_t>(record.pairs.size()));
    std::int64_t before = 0;
    for (const PairRecord& pair : record.pairs) {
        out.integer(pair.videoId - before); // the pairs of a video stand together
        before = pair.videoId;
        out.natural(pair.captionBegin);
        out.natural(pair.captionEnd - pair.captionBegin);
        out.natural(pair.secondBegin);
        out.natural(pair.secondEnd - pair.secondBegin);
        out.plain(halfFromFloat(pair.loss));
        out.plain(halfFromFloat(pair.margin));
    }
    return out.framed(stepKind);
}

std::optional<ClusterRecord> decodeCluster(std::string_view content)
{
    Decoder in(content);
    ClusterRecord record;
    record.epoch = in.natural();
    record.cluster = in.natural();
    record.seedVideoId = in.integer();
    record.candidates.resize(in.count(6));
    for (ClusterCandidate& candidate : record.candidates) {
        candidate.videoId = in.integer();
        candidate.distance = in.plain<float>();
        candidate.drawn = in.plain<std::uint8_t>() != 0;
    }
    return in.isGood() && in.isAtEnd() ? std::optional(std::move(record)) : std::nullopt;
}

std::optional<StepRecord> decodeStep(std::string_view content)
{
    Decoder in(content);
    StepRecord record;
    record.step = in.natural();
    record.epoch = in.natural();
    record.firstCluster = in.natural();
    record.clusters = in.natural();
    record.loss = in.plain<double>();
    record.pairs.resize(in.count(9));
    std::int64_t before = 0;
    for (PairRecord& pair : record.pairs) {
        pair.videoId = before += in.integer();
        pair.captionBegin = in.natural();
        pair.captionEnd = pair.captionBegin + in.natural();
        pair.secondBegin = in.natural();
        pair.secondEnd = pair.secondBegin + in.natural();
        pair.loss = floatFromHalf(in.plain<std::uint16_t>());
        pair.margin = floatFromHalf(in.plain<std::uint16_t>());
    }
    return in.isGood() && in.isAtEnd() ? std::optional(std::move(record)) : std::nullopt;
}

/// A whole record of a file, content still encoded.
struct Frame
{
    char kind = 0;
    std::string_view content;
    std::size_t end = 0; ///< byte behind it
};

tl::unexpected<Error> damaged(const std::filesystem::path& file, std::size_t at)
{
    return fail(ErrorKind::BadInput, "The step records are damaged.",
        { file, "byte " + std::to_string(at) });
}

/// Errors: Unsupported, BadInput.
Status checkHead(std::string_view bytes, const std::filesystem::path& file)
{
    if (bytes.substr(0, magic.size()) != magic)
        return fail(ErrorKind::BadInput, "This is no file of step records.", { file, "byte 0" });
    std::uint32_t version = 0;
    std::memcpy(&version, bytes.data() + magic.size(), sizeof(version));
    if (version != formatVersion)
        return fail(ErrorKind::Unsupported,
            "The step records have version " + std::to_string(version) + ", not "
                + std::to_string(formatVersion) + ".",
            { file, "byte " + std::to_string(magic.size()) });
    return {};
}

/// The record at byte `at`; nothing when the file ends within it.
/// Errors: BadInput when it is whole, but damaged.
Result<std::optional<Frame>> frameAt(
    std::string_view bytes, std::size_t at, const std::filesystem::path& file)
{
    if (bytes.size() - at < frameBytes)
        return std::optional<Frame>();
    std::uint32_t length = 0, checksum = 0;
    std::memcpy(&length, bytes.data() + at + 1, sizeof(length));
    if (bytes.size() - at - frameBytes < length)
        return std::optional<Frame>();
    Frame frame{ bytes[at], bytes.substr(at + 5, length), at + frameBytes + length };
    std::memcpy(&checksum, bytes.data() + frame.end - 4, sizeof(checksum));
    if (checksum != checksumOf(bytes.substr(at, 5 + length))
        || (frame.kind != clusterKind && frame.kind != stepKind))
        return damaged(file, at);
    return std::optional(frame);
}

/// Where the records of a file up to `lastStep` end. Clusters count as before the steps behind
/// them.
Result<std::size_t> endAfter(
    std::string_view bytes, std::int64_t lastStep, const std::filesystem::path& file)
{
    if (bytes.size() < headBytes)
        return std::size_t(0);
    CLIP_TRY(checkHead(bytes, file));
    std::size_t end = headBytes;
    for (;;) {
        CLIP_TRY_ASSIGN(const auto frame, frameAt(bytes, end, file));
        if (!frame)
            return end;
        if (frame->kind == stepKind) {
            const auto record = decodeStep(frame->content);
            if (!record)
                return damaged(file, end);
            if (record->step > lastStep)
                return end;
        }
        end = frame->end;
    }
}

} // namespace

struct StepRecordWriter::Impl
{
    std::filesystem::path folder;
    std::int64_t epoch = 0; ///< of the open file
    std::optional<AppendFile> file;
    std::vector<std::filesystem::path> behind; ///< files of epochs that sync() has not seen

    Status append(std::int64_t toEpoch, const std::string& bytes)
    {
        if (!file || epoch != toEpoch) {
            if (file)
                behind.push_back(file->path());
            CLIP_TRY_ASSIGN(file, AppendFile::open(fileOf(folder, toEpoch)));
            epoch = toEpoch;
        }
        std::string head;
        if (file->size() < headBytes) {
            CLIP_TRY(file->truncate(0));
            head.append(magic).append(
                reinterpret_cast<const char*>(&formatVersion), sizeof(formatVersion));
        }
        const std::string all = head + bytes;
        return file->append(std::as_bytes(std::span(all)));
    }
};

StepRecordWriter::StepRecordWriter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
StepRecordWriter::StepRecordWriter(StepRecordWriter&&) noexcept = default;
StepRecordWriter& StepRecordWriter::operator=(StepRecordWriter&&) noexcept = default;
StepRecordWriter::~StepRecordWriter() = default;

Result<StepRecordWriter> StepRecordWriter::open(
    const std::filesystem::path& stepsFolder, std::int64_t lastStep)
{
    CLIP_TRY(makeFolder("The folder of step records", stepsFolder));
    std::vector<std::int64_t> epochs = recordedEpochs(stepsFolder);
    // From the newest back to the first file that has a step which stays.
    while (!epochs.empty()) {
        const std::filesystem::path path = fileOf(stepsFolder, epochs.back());
        CLIP_TRY_ASSIGN(const FileTail tail, readTail(path, 0));
        CLIP_TRY_ASSIGN(const std::size_t end, endAfter(tail.bytes, lastStep, path));
        CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(path));
        if (end < file.size())
            CLIP_TRY(file.truncate(end));
        CLIP_TRY_ASSIGN(const EpochRecords kept, readEpoch(stepsFolder, epochs.back()));
        if (!kept.steps.empty())
            break;
        // Its clusters come from a model of a later step, or are written again.
        std::error_code code;
        std::filesystem::remove(path, code);
        epochs.pop_back();
    }
    return StepRecordWriter(std::unique_ptr<Impl>(new Impl{ stepsFolder, 0, {}, {} }));
}

Status StepRecordWriter::append(const ClusterRecord& record)
{
    return m_impl->append(record.epoch, encode(record));
}

Status StepRecordWriter::append(const StepRecord& record)
{
    return m_impl->append(record.epoch, encode(record));
}

Status StepRecordWriter::sync()
{
    for (const std::filesystem::path& path : m_impl->behind) {
        CLIP_TRY_ASSIGN(AppendFile file, AppendFile::open(path));
        CLIP_TRY(file.sync());
    }
    m_impl->behind.clear();
    if (m_impl->file)
        CLIP_TRY(m_impl->file->sync());
    syncFolder(m_impl->folder);
    return {};
}

std::vector<std::int64_t> clustersOfPairs(const EpochRecords& epoch, const StepRecord& step)
{
    struct Drawn
    {
        std::int64_t cluster = 0, videoId = 0;
    };
    std::vector<Drawn> drawn; // in the order of the pairs
    for (std::int64_t at = step.firstCluster; at < step.firstCluster + step.clusters; ++at) {
        if (at < 0 || at >= static_cast<std::int64_t>(epoch.clusters.size()))
            break;
        for (const auto& video : epoch.clusters[static_cast<std::size_t>(at)].candidates)
            if (video.drawn)
                drawn.push_back({ at, video.videoId });
    }
    std::vector<std::int64_t> clusters(step.pairs.size(), -1);
    const std::size_t each = drawn.empty() ? 0 : step.pairs.size() / drawn.size();
    for (std::size_t at = 0; at < step.pairs.size(); ++at) {
        const std::int64_t videoId = step.pairs[at].videoId;
        const auto isIt = [&](const Drawn& one) { return one.videoId == videoId; };
        // Films that went between two sessions leave gaps, and only the video tells.
        auto found = each > 0 && at / each < drawn.size() && isIt(drawn[at / each])
            ? drawn.begin() + static_cast<std::ptrdiff_t>(at / each)
            : std::find_if(drawn.begin(), drawn.end(), isIt);
        if (found != drawn.end())
            clusters[at] = found->cluster;
    }
    return clusters;
}

std::vector<std::int64_t> recordedEpochs(const std::filesystem::path& stepsFolder)
{
    std::vector<std::int64_t> epochs;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(stepsFolder, code)) {
        const std::string name = utf8(entry.path().filename());
        if (!name.starts_with(prefix) || !name.ends_with(suffix))
            continue;
        std::int64_t epoch = 0;
        const char* begin = name.data() + prefix.size();
        const char* end = name.data() + name.size() - suffix.size();
        const auto [last, error] = std::from_chars(begin, end, epoch);
        if (error == std::errc() && last == end && epoch > 0)
            epochs.push_back(epoch);
    }
    std::sort(epochs.begin(), epochs.end());
    return epochs;
}

Result<EpochRecords> readEpoch(const std::filesystem::path& stepsFolder, std::int64_t epoch)
{
    const std::filesystem::path path = fileOf(stepsFolder, epoch);
    std::error_code code;
    if (!std::filesystem::is_regular_file(path, code))
        return fail(ErrorKind::NotFound,
            "No steps of epoch " + std::to_string(epoch) + " are on record.", { path, {} });
    CLIP_TRY_ASSIGN(const FileTail tail, readTail(path, 0));
    EpochRecords records;
    if (tail.bytes.size() < headBytes)
        return records;
    CLIP_TRY(checkHead(tail.bytes, path));
    for (std::size_t at = headBytes;;) {
        CLIP_TRY_ASSIGN(const auto frame, frameAt(tail.bytes, at, path));
        if (!frame)
            return records;
        if (frame->kind == clusterKind) {
            auto cluster = decodeCluster(frame->content);
            if (!cluster)
                return damaged(path, at);
            records.clusters.push_back(std::move(*cluster));
        } else {
            auto step = decodeStep(frame->content);
            if (!step)
                return damaged(path, at);
            records.steps.push_back(std::move(*step));
        }
        at = frame->end;
    }
}

} // namespace clipscope::store
