// Every broken and unusual file of the sample data, and every clip with known length and size.

#include "base/json.h"
#include "media/audio_reader.h"
#include "media/decoder.h"
#include "media/frame_sampler.h"
#include "media/subtitles.h"
#include "media/video_index.h"
#include "support/verify.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

using namespace clipscope;
using namespace clipscope::media;

namespace {

/// What is right for a file: so many frames and seconds, or a refusal whose text says why.
struct Expected
{
    std::int64_t frames = 0; ///< 0: refused
    double seconds = 0.0;
    std::string says = {}; ///< part of the refusal or of a warning; "" for no warning
    int width = 320, height = 180;
    bool mayBeRefused = false; ///< depends on the version of FFmpeg
};

const std::map<std::string, Expected>& expectations()
{
    static const std::map<std::string, Expected> table{
        { "audio_only.mp4", { 0, 0, "no video" } },
        { "av1_test_pattern.mkv", { 125, 5.0, "", 640, 360, true } },
        { "bit_flips.mp4", { 115, 4.004, "5 of 120 pictures" } },
        { "cover_art_only.m4a", { 0, 0, "cover picture" } },
        { "edit_list.mp4", { 61, 2.035 } },
        { "edit_list_late_video.mp4", { 47, 1.635 } },
        { "fragmented.mp4", { 120, 4.004 } },
        { "header_lie_65535.mp4", { 120, 4.004 } },
        { "header_lie_65536.avi", { 30, 1.001 } },
        { "header_lie_65536_raw.avi", { 0, 0, "No picture of the video can be decoded." } },
        // FFmpeg 6 and later take the duration from the table of samples and see no lie.
        { "header_lie_duration.mp4",
            { 120, 4.004, CLIPSCOPE_AVFORMAT_MAJOR < 60 ? "promises 2147483.6 s" : "" } },
        { "header_lie_stts_count.mp4", { 120, 4.004, "Cannot allocate memory", 320, 180, true } },
        { "interlaced_tff.mpg", { 30, 2.002, "", 352, 288 } },
        { "negative_start.mkv", { 60, 1.994 } },
        { "negative_start.mp4", { 45, 1.5015 } },
        { "odd_size_321x241.webm", { 60, 2.002, "", 321, 241 } },
        { "odd_size_321x241_yuv444.mp4", { 60, 2.002, "", 321, 241 } },
        { "one_frame.mp4", { 1, 0.0334 } },
        { "pts_wrap.ts", { 90, 3.003 } },
        { "random_bytes.mp4", { 0, 0, "cannot be opened as a video" } },
        { "rotated_180.mov", { 3, 0.1, "", 568, 320 } },
        { "rotated_90.mp4", { 120, 4.004, "", 180, 320 } },
        { "size_change_midstream.ts", { 59, 1.968, "1 of 60 pictures" } },
        { "subtitles_only.mkv", { 0, 0, "no video" } },
        { "ten_bit_h264.mp4", { 60, 2.002 } },
        { "ten_bit_hevc.mp4", { 30, 1.0, "", 200, 200 } },
        { "text_named.mp4", { 0, 0, "cannot be opened as a video" } },
        { "timestamp_gap_10h.mkv", { 60, 36001.999, "stands for 36000.0 s" } },
        { "tiny_16x2.mkv", { 30, 1.001, "", 16, 2 } },
        { "truncated.mkv", { 61, 2.035, "promises 4.0 s, the file holds 2.0 s" } },
        { "truncated_data_missing.mp4", { 60, 2.002, "promises 4.0 s, the file holds 2.0 s" } },
        { "truncated_moov_missing.mp4", { 0, 0, "moov atom not found" } },
        { "unordered_frames.mov", { 4, 0.125, "", 50, 50 } },
        { "variable_frame_rate.mp4", { 49, 4.004 } },
        { "webm_named.mp4", { 60, 2.0, "", 160, 107 } },
        { "zero_byte.mp4", { 0, 0, "The file is empty." } },
    };
    return table;
}

bool says(const std::vector<Error>& warnings, const std::string& words)
{
    return std::any_of(warnings.begin(), warnings.end(),
        [&](const Error& warning) { return warning.toString().find(words) != std::string::npos; });
}

/// Users read these words as they are: a capital or a figure first, a full stop at the end.
bool isSentence(const std::string& text)
{
    return !text.empty() && (std::isupper(text.front()) != 0 || std::isdigit(text.front()) != 0)
        && text.back() == '.';
}

} // namespace

class TestHostileFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void initTestCase()
    {
        if (!std::filesystem::exists(m_hostile))
            QSKIP("the sample data is not there");
    }

    void everyFileHasAnExpectation()
    {
        for (const auto& entry : std::filesystem::directory_iterator(m_hostile)) {
            const std::string name = entry.path().filename().string();
            if (name != "README.md")
                QVERIFY2(expectations().contains(name), name.c_str());
        }
    }

    void isIndexedOrRefusedWithReason_data() { addFiles(); }
    void isIndexedOrRefusedWithReason()
    {
        QFETCH(QString, name);
        const Expected& expected = expectations().at(name.toStdString());
        const auto path = m_hostile / name.toStdString();
        const auto video = inspect(path);
        if (!video) {
            QVERIFY2(
                expected.frames == 0 || expected.mayBeRefused, video.error().toString().c_str());
            QVERIFY(video.error().kind == ErrorKind::BadInput
                || video.error().kind == ErrorKind::Unsupported);
            QVERIFY2(video.error().message.find(expected.says) != std::string::npos,
                video.error().toString().c_str());
            QVERIFY2(isSentence(video.error().message), video.error().message.c_str());
            QCOMPARE(video.error().place.file.string(), path.string());
            QVERIFY_ERROR(probe(path), video.error().kind);
            return;
        }
        for (const Error& warning : video->warnings)
            QVERIFY2(isSentence(warning.message), warning.message.c_str());
        QCOMPARE(video->index.frameCount(), expected.frames);
        QVERIFY2(std::abs(video->index.durationSeconds() - expected.seconds) < 2e-3,
            std::to_string(video->index.durationSeconds()).c_str());
        QCOMPARE(video->info.widthPixels, expected.width);
        QCOMPARE(video->info.heightPixels, expected.height);
        if (expected.says.empty())
            QVERIFY2(video->warnings.empty(),
                video->warnings.empty() ? "" : video->warnings.front().toString().c_str());
        else if (!expected.mayBeRefused)
            QVERIFY(says(video->warnings, expected.says));
        const auto again = VideoIndex::parse(video->index.serialise());
        QVERIFY_RESULT(again);
        QVERIFY(*again == video->index);
        QVERIFY_RESULT(probe(path));
    }

    void decodesForwardsAndAtRandom_data() { addFiles(); }
    void decodesForwardsAndAtRandom()
    {
        QFETCH(QString, name);
        const auto path = m_hostile / name.toStdString();
        auto built = buildIndex(path);
        if (!built)
            return;
        const auto index = std::make_shared<const VideoIndex>(std::move(*built));
        const bool isDamaged = name == "bit_flips.mp4";
        auto forward = Decoder::open(path, index);
        QVERIFY_RESULT(forward);
        std::vector<std::vector<std::uint8_t>> pictures;
        for (std::int64_t frame = 0; frame < index->frameCount(); ++frame) {
            auto picture = forward->frameAt(frame);
            QVERIFY_RESULT(picture);
            QVERIFY(isDamaged || picture->frameIndex == frame);
            QVERIFY(std::abs(picture->frameIndex - frame) <= 8);
            pictures.push_back(std::move(picture->rgb));
        }
        QCOMPARE(forward->counters().seeks, std::int64_t{ 0 });
        auto random = Decoder::open(path, index);
        QVERIFY_RESULT(random);
        std::int64_t frame = index->frameCount() - 1;
        for (int i = 0; i < 40; ++i, frame = (frame * 7 + 5) % index->frameCount()) {
            const auto picture = random->frameAt(frame);
            QVERIFY_RESULT(picture);
            QVERIFY(isDamaged || picture->rgb == pictures[static_cast<std::size_t>(frame)]);
        }
    }

    void isSampledForEncoders_data() { addFiles(); }
    void isSampledForEncoders()
    {
        QFETCH(QString, name);
        const auto path = m_hostile / name.toStdString();
        auto sampler = FrameSampler::open(path, starterPlan());
        if (!sampler)
            return;
        std::int64_t seconds = 0;
        std::int64_t repeated = 0;
        for (;;) {
            const auto second = sampler->next();
            QVERIFY_RESULT(second);
            if (!*second)
                break;
            QCOMPARE((*second)->second, seconds);
            QCOMPARE((*second)->rgb.size(), std::size_t{ 224 * 224 * 3 });
            repeated += (*second)->sameAsPrevious ? 1 : 0;
            ++seconds;
        }
        QCOMPARE(seconds, sampler->secondCount());
        if (name == "timestamp_gap_10h.mkv")
            QVERIFY(seconds == 36002 && repeated >= 35998);
    }

    void soundAndSubtitlesNeverCrash_data() { addFiles(); }
    void soundAndSubtitlesNeverCrash()
    {
        QFETCH(QString, name);
        const auto path = m_hostile / name.toStdString();
        const auto tracks = readSubtitleTracks(path);
        if (name == "subtitles_only.mkv") {
            QVERIFY_RESULT(tracks);
            QCOMPARE(tracks->size(), std::size_t{ 1 });
            QCOMPARE(tracks->front().cues.size(), std::size_t{ 4 });
        }
        auto sound = AudioReader::open(path, 44100);
        if (!sound)
            return;
        for (const double start : { 0.0, 1.0, 0.5, 100.0, -3.0 }) {
            const auto block = sound->read(start, 0.5);
            QVERIFY_RESULT(block);
            QCOMPARE(block->frames(), std::int64_t{ 22050 });
        }
    }

    void thumbnailsWorkWithoutAnIndex_data() { addFiles(); }
    void thumbnailsWorkWithoutAnIndex()
    {
        QFETCH(QString, name);
        const auto path = m_hostile / name.toStdString();
        if (!probe(path))
            return;
        const auto picture = thumbnail(path, 0.5, DecodeSize::bounded(100, 100));
        QVERIFY_RESULT(picture);
        QVERIFY(picture->widthPixels <= 100 && picture->heightPixels <= 100);
    }

    void clipsHaveTheirKnownLengthAndSize()
    {
        const auto list = readJson(test::dataFolder() / "clips.json");
        QVERIFY_RESULT(list);
        for (const Json& clip : list->at("clips")) {
            const auto name = clip.at("file").get<std::string>();
            const auto video = inspect(test::dataFolder() / name);
            QVERIFY_RESULT(video);
            QCOMPARE(video->info.storedWidthPixels, clip.at("width").get<int>());
            QCOMPARE(video->info.storedHeightPixels, clip.at("height").get<int>());
            QCOMPARE(video->info.videoCodec, clip.at("codec").get<std::string>());
            // Packed B-frames and damage: one packet in a file may be no picture.
            const auto packets = clip.at("video_packets").get<std::int64_t>();
            QVERIFY2(packets - video->index.frameCount() >= 0
                    && packets - video->index.frameCount() <= 1,
                name.c_str());
            // The list holds the container's duration, which sound and subtitles may lengthen.
            const auto duration = clip.at("duration").get<double>();
            const double pictures = name.ends_with("nasa_13013.mp4") ? 13.0 : duration;
            QVERIFY2(std::abs(video->index.durationSeconds() - pictures) < 0.15,
                (name + " " + std::to_string(video->index.durationSeconds())).c_str());
        }
    }

private:
    static void addFiles()
    {
        QTest::addColumn<QString>("name");
        for (const auto& [name, expected] : expectations())
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

    const std::filesystem::path m_hostile = test::dataFolder() / "hostile";
};

QTEST_GUILESS_MAIN(TestHostileFiles)
#include "tst_hostile_files.moc"
