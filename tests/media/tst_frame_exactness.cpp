#include "base/hash.h"
#include "media/decoder.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <algorithm>
#include <random>
#include <set>

using namespace clipscope;
using namespace clipscope::media;
using clipscope::test::MadeVideo;

namespace {

constexpr std::int64_t mostFrames = 100; ///< of each film

/// What is compared: which frame it is, when it starts, and every byte of it.
struct Seen
{
    std::int64_t frame = 0;
    double seconds = 0.0;
    std::string hash;
    std::int64_t number = 0; ///< as painted into made films

    bool operator==(const Seen&) const = default;
};

Seen seen(const RgbFrame& picture)
{
    return { picture.frameIndex, picture.seconds,
        hashOf({ reinterpret_cast<const char*>(picture.rgb.data()), picture.rgb.size() }),
        test::frameNumberIn(picture.rgb.data(), picture.widthPixels, picture.heightPixels) };
}

/// A decoder that has seen nothing yet.
Result<Decoder> fresh(
    const std::filesystem::path& path, const std::shared_ptr<const VideoIndex>& index)
{
    return Decoder::open(path, index, DecodeSize::bounded(96, 96), 1);
}

std::int64_t largestGroup(const VideoIndex& index)
{
    std::int64_t largest = 0, start = 0;
    for (std::int64_t frame = 1; frame < index.frameCount(); ++frame) {
        if (index.frames()[static_cast<std::size_t>(frame)].isKey)
            start = frame;
        largest = std::max(largest, frame - start + 1);
    }
    return largest;
}

} // namespace

/// The frame shown is the frame numbered, however one gets to it.
class TestFrameExactness : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void everyWayToAFrameOfAMadeFilmShowsIt_data();
    void everyWayToAFrameOfAMadeFilmShowsIt();
    void everyWayToAFrameOfARealFilmShowsTheSame_data();
    void everyWayToAFrameOfARealFilmShowsTheSame();

private:
    void compareAllWays(
        const std::filesystem::path& path, const std::shared_ptr<const VideoIndex>& index);

    std::vector<Seen> m_forwards;
    QTemporaryDir m_folder;
};

void TestFrameExactness::compareAllWays(
    const std::filesystem::path& path, const std::shared_ptr<const VideoIndex>& index)
{
    const std::int64_t count = std::min(mostFrames, index->frameCount());
    m_forwards.clear();
    auto forwards = fresh(path, index);
    QVERIFY_RESULT(forwards);
    for (std::int64_t frame = 0; frame < count; ++frame) {
        const auto picture = forwards->frameAt(frame);
        QVERIFY_RESULT(picture);
        QCOMPARE(picture->frameIndex, frame);
        QCOMPARE(picture->seconds, index->secondsOf(frame));
        m_forwards.push_back(seen(*picture));
    }
    const auto isSame = [&](const Result<RgbFrame>& picture, std::int64_t frame) {
        return picture && seen(*picture) == m_forwards[static_cast<std::size_t>(frame)];
    };

    auto backwards = fresh(path, index);
    for (std::int64_t frame = count - 1; frame >= 0; --frame)
        QVERIFY2(isSame(backwards->frameAt(frame), frame), qPrintable(QString::number(frame)));
    // Each group once, and what leads into it: pictures before an open group's key frame.
    const std::int64_t groups = backwards->counters().seeks + 1;
    QVERIFY2(backwards->counters().decodedFrames <= count + largestGroup(*index) + 8 * groups,
        qPrintable(QString::number(backwards->counters().decodedFrames)));

    auto jumping = fresh(path, index);
    std::mt19937 random(3);
    for (int i = 0; i < 10; ++i) {
        const auto frame = static_cast<std::int64_t>(random() % static_cast<unsigned>(count));
        QVERIFY2(isSame(jumping->frameAt(frame), frame), qPrintable(QString::number(frame)));
        // By its time too, at its very start and just before the next one.
        const double start = index->secondsOf(frame);
        const double next = frame + 1 < index->frameCount() ? index->secondsOf(frame + 1)
                                                            : index->durationSeconds();
        QVERIFY(isSame(jumping->frameAtSeconds(start), frame));
        QVERIFY(isSame(jumping->frameAtSeconds(start + 0.999 * (next - start)), frame));
    }
}

void TestFrameExactness::everyWayToAFrameOfAMadeFilmShowsIt_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("codec");
    QTest::addColumn<int>("bFrames");
    QTest::addColumn<bool>("uneven");
    const auto row = [](const char* name, const char* file, const char* codec, int bFrames,
                         bool uneven = false) {
        QTest::newRow(name) << QString::fromLatin1(file) << QString::fromLatin1(codec) << bFrames
                            << uneven;
    };
    row("mp4", "a.mp4", "mpeg4", 0);
    row("mp4, B-frames, edit list", "b.mp4", "mpeg4", 2);
    row("mov, H.264, B-frames", "h.mov", "libx264", 3);
    row("matroska, H.264, B-frames", "h.mkv", "libx264", 3);
    row("transport stream, open groups, late start", "o.ts", "mpeg2video", 2);
    row("avi without presentation times", "c.avi", "mpeg4", 2);
    row("matroska, uneven frame times", "v.mkv", "mpeg4", 2, true);
    row("mp4, uneven frame times, late start", "v.mp4", "mpeg4", 2, true);
    row("matroska, key frames only", "k.mkv", "ffv1", 0);
}

void TestFrameExactness::everyWayToAFrameOfAMadeFilmShowsIt()
{
    QFETCH(QString, name);
    QFETCH(QString, codec);
    QFETCH(int, bFrames);
    QFETCH(bool, uneven);
    MadeVideo made;
    made.codec = codec.toStdString();
    made.bFrames = bFrames;
    made.frames = 100;
    if (uneven) {
        std::mt19937 random(5);
        std::int64_t time = 700;
        for (int i = 0; i < made.frames; ++i, time += 1 + random() % 190)
            made.framesAtMilliseconds.push_back(time);
    }
    const auto path = std::filesystem::path(m_folder.path().toStdString()) / name.toStdString();
    const Status status = test::makeVideo(path, made);
    if (!status && status.error().kind == ErrorKind::Unsupported)
        QSKIP("this FFmpeg has no such encoder");
    QVERIFY_RESULT(status);
    auto built = buildIndex(path);
    QVERIFY_RESULT(built);
    const auto index = std::make_shared<const VideoIndex>(std::move(*built));
    QCOMPARE(index->frameCount(), std::int64_t{ 100 });
    compareAllWays(path, index);
    if (QTest::currentTestFailed())
        return;
    for (std::int64_t frame = 0; frame < 100; ++frame) {
        QCOMPARE(m_forwards[static_cast<std::size_t>(frame)].number, frame);
        if (uneven) {
            const auto& times = made.framesAtMilliseconds;
            const auto sinceFirst = times[static_cast<std::size_t>(frame)] - times.front();
            QVERIFY(std::abs(index->secondsOf(frame) - 0.001 * static_cast<double>(sinceFirst))
                < 0.0011);
        }
    }
}

void TestFrameExactness::everyWayToAFrameOfARealFilmShowsTheSame_data()
{
    QTest::addColumn<QString>("file");
    if (!std::filesystem::exists(test::dataFolder())) {
        QTest::newRow("none") << QString();
        return;
    }
    std::set<std::filesystem::path> files;
    std::error_code missing;
    for (const char* folder : { "clips/free", "clips/research" }) {
        for (const auto& entry :
            std::filesystem::directory_iterator(test::dataFolder() / folder, missing))
            files.insert(entry.path());
    }
    // Of the unusual ones those that are whole; which frames of the others decode depends on the
    // way.
    for (const char* name : { "av1_test_pattern.mkv", "edit_list.mp4", "edit_list_late_video.mp4",
             "fragmented.mp4", "interlaced_tff.mpg", "negative_start.mkv", "negative_start.mp4",
             "odd_size_321x241.webm", "odd_size_321x241_yuv444.mp4", "one_frame.mp4", "pts_wrap.ts",
             "rotated_180.mov", "rotated_90.mp4", "size_change_midstream.ts", "ten_bit_h264.mp4",
             "ten_bit_hevc.mp4", "timestamp_gap_10h.mkv", "tiny_16x2.mkv", "truncated.mkv",
             "unordered_frames.mov", "variable_frame_rate.mp4", "webm_named.mp4" })
        files.insert(test::dataFolder() / "hostile" / name);
    for (const auto& file : files)
        QTest::newRow(file.filename().c_str()) << QString::fromStdString(file.string());
}

void TestFrameExactness::everyWayToAFrameOfARealFilmShowsTheSame()
{
    QFETCH(QString, file);
    if (file.isEmpty())
        QSKIP("the sample data is not there");
    const std::filesystem::path path = file.toStdString();
    auto built = buildIndex(path);
    if (!built && built.error().kind == ErrorKind::Unsupported)
        QSKIP("this FFmpeg has no such decoder");
    QVERIFY_RESULT(built);
    compareAllWays(path, std::make_shared<const VideoIndex>(std::move(*built)));
}

QTEST_GUILESS_MAIN(TestFrameExactness)
#include "tst_frame_exactness.moc"
