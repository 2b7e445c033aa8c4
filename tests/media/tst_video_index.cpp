#include "base/files.h"
#include "base/hash.h"
#include "media/video_index.h"
#include "support/made_formats.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <cmath>
#include <fstream>

using namespace clipscope;
using namespace clipscope::media;
using clipscope::test::MadeVideo;
using clipscope::test::makeVideo;

class TestVideoIndex : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void knowsEveryFrameOfAMadeVideo_data() { test::addMadeFormats(); }
    void knowsEveryFrameOfAMadeVideo()
    {
        const auto [name, made] = test::madeFormat();
        const auto path = m_folder / name;
        QVERIFY_RESULT(makeVideo(path, made));
        const auto video = inspect(path);
        QVERIFY_RESULT(video);
        const VideoIndex& index = video->index;
        QCOMPARE(index.frameCount(), std::int64_t{ made.frames });
        for (std::int64_t frame = 0; frame < index.frameCount(); ++frame) {
            QVERIFY(
                std::abs(index.secondsOf(frame) - static_cast<double>(frame) / made.fps) < 2e-3);
            QCOMPARE(index.frameAt(index.secondsOf(frame)), frame);
        }
        QVERIFY(std::abs(index.durationSeconds() - 3.0) < 2e-3);
        QCOMPARE(index.secondCount(), std::int64_t{ 3 });
        QVERIFY(!index.variableFrameRate());
        QVERIFY(video->warnings.empty());
        QCOMPARE(video->info.widthPixels, made.widthPixels);
        QCOMPARE(video->info.heightPixels, made.heightPixels);
        const auto again = VideoIndex::parse(index.serialise());
        QVERIFY_RESULT(again);
        QVERIFY(*again == index);
    }

    void keepsTimesOfAVariableFrameRate()
    {
        MadeVideo made;
        made.framesAtMilliseconds = { 0, 40, 80, 1000, 1700, 1740, 1780, 9000 };
        made.frames = static_cast<int>(made.framesAtMilliseconds.size());
        made.bFrames = 0;
        const auto path = m_folder / "variable.mkv";
        QVERIFY_RESULT(makeVideo(path, made));
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        QVERIFY(index->variableFrameRate());
        QCOMPARE(index->frameCount(), std::int64_t{ made.frames });
        for (std::int64_t frame = 0; frame < index->frameCount(); ++frame) {
            const auto wanted = made.framesAtMilliseconds[static_cast<std::size_t>(frame)];
            QVERIFY(std::abs(index->secondsOf(frame) - static_cast<double>(wanted) / 1000) < 2e-3);
        }
        QCOMPARE(index->frameAt(-5.0), std::int64_t{ 0 });
        QCOMPARE(index->frameAt(0.999), std::int64_t{ 2 });
        QCOMPARE(index->frameAt(1e9), std::int64_t{ 7 });
    }

    void saysWhereOnePictureStandsForMinutes()
    {
        MadeVideo made;
        made.framesAtMilliseconds = { 0, 40, 200'000, 200'040 };
        made.frames = 4;
        made.bFrames = 0;
        const auto path = m_folder / "gap.mkv";
        QVERIFY_RESULT(makeVideo(path, made));
        const auto video = inspect(path);
        QVERIFY_RESULT(video);
        QCOMPARE(video->warnings.size(), std::size_t{ 1 });
        QVERIFY(video->warnings.front().toString().find("200.0 s") != std::string::npos);
        QVERIFY(video->warnings.front().place.where.starts_with("0:00:00.0"));
    }

    void refusesTimestampsOverTenDays()
    {
        MadeVideo made;
        made.framesAtMilliseconds = { 0, 40, std::int64_t{ 11 } * 24 * 3600 * 1000 };
        made.frames = 3;
        made.bFrames = 0;
        made.codec = "ffv1";
        const auto path = m_folder / "days.mkv";
        QVERIFY_RESULT(makeVideo(path, made));
        QVERIFY_ERROR(inspect(path), ErrorKind::BadInput);
    }

    void tellsStreamsAndLanguages()
    {
        MadeVideo made;
        made.sound = true;
        made.cues = { { 0.5, 1.5, "hello" } };
        made.language = "fra";
        const auto path = m_folder / "streams.mkv";
        QVERIFY_RESULT(makeVideo(path, made));
        const auto info = probe(path);
        QVERIFY_RESULT(info);
        QCOMPARE(info->videoStreams, 1);
        QCOMPARE(info->audioStreams, 1);
        QVERIFY(info->audio.has_value());
        QCOMPARE(info->audio->codec, std::string("aac"));
        QCOMPARE(info->audio->sampleRateHz, 48000);
        QCOMPARE(info->audio->channels, 2);
        QCOMPARE(info->subtitles.size(), std::size_t{ 1 });
        QCOMPARE(info->subtitles.front().language, std::string("fra"));
        QVERIFY(info->subtitles.front().isText);
        QCOMPARE(info->videoCodec, std::string("mpeg4"));
        QCOMPARE(info->pixelFormat, std::string("yuv420p"));
    }

    void namesWhatIsWrongWithAFile()
    {
        QVERIFY_ERROR(inspect(m_folder / "missing.mp4"), ErrorKind::NotFound);
        QVERIFY_ERROR(inspect(m_folder), ErrorKind::BadInput);
        const auto text = m_folder / "notes.txt";
        std::ofstream(text) << "only some words\n";
        QVERIFY_ERROR(inspect(text), ErrorKind::BadInput);
        const auto list = m_folder / "list.m3u8";
        std::ofstream(list) << "#EXTM3U\n#EXTINF:1,\n/etc/hostname\n";
        QVERIFY_ERROR(inspect(list), ErrorKind::BadInput);
    }

    void takesNamesThatLookLikeAddresses()
    {
        const auto path = m_folder / "concat:a|b 100% ä.mp4";
        QVERIFY_RESULT(makeVideo(m_folder / "plain.mp4", {}));
        std::filesystem::copy_file(m_folder / "plain.mp4", path);
        QVERIFY_RESULT(inspect(path));
    }

    void stopsWhenAsked()
    {
        const auto path = m_folder / "stop.mp4";
        QVERIFY_RESULT(makeVideo(path, {}));
        std::stop_source source;
        source.request_stop();
        QVERIFY_ERROR(inspect(path, source.get_token()), ErrorKind::Cancelled);
        QVERIFY_ERROR(probe(path, source.get_token()), ErrorKind::Cancelled);
    }

    void rejectsDamagedBytes()
    {
        const VideoIndex index(3, 1, 90000, FrameIdentity::DecodeTime,
            { { -5, 10, true }, { 1, -7, false }, { 400, 400, true } }, 1000);
        const std::string bytes = index.serialise();
        QVERIFY_RESULT(VideoIndex::parse(bytes));
        QVERIFY(*VideoIndex::parse(bytes) == index);
        for (std::size_t length = 0; length < bytes.size(); ++length)
            QVERIFY_ERROR(VideoIndex::parse(bytes.substr(0, length)), ErrorKind::BadInput);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ 0x41);
            QVERIFY_ERROR(VideoIndex::parse(changed), ErrorKind::BadInput);
        }
        QVERIFY_ERROR(VideoIndex::parse("CSVI9 of tomorrow, long enough"), ErrorKind::BadInput);
    }

    void rejectsGarbageWithAValidChecksum()
    {
        // What a reader must survive even when the checksum agrees.
        const std::string bytes = VideoIndex(0, 1, 1000, FrameIdentity::PacketNumber,
            { { 0, 0, true }, { 40, 1, false }, { 80, 2, false } }, 120)
                                      .serialise();
        const std::string body = bytes.substr(0, bytes.size() - 8);
        for (std::size_t at = 5; at < body.size(); ++at) {
            for (const int value : { 0x00, 0x01, 0x7f, 0x80, 0xff }) {
                std::string changed = body;
                changed[at] = static_cast<char>(value);
                const auto parsed = VideoIndex::parse(changed + hashOf(changed).substr(0, 8));
                if (parsed)
                    QVERIFY(parsed->durationSeconds() > 0);
                else
                    QVERIFY(parsed.error().kind == ErrorKind::BadInput);
            }
        }
    }

    void countsSecondsUpwards()
    {
        const auto withEnd = [](std::int64_t end) {
            return VideoIndex(0, 1, 1000, FrameIdentity::PresentationTime, { { 0, 0, true } }, end);
        };
        QCOMPARE(withEnd(1).secondCount(), std::int64_t{ 1 });
        QCOMPARE(withEnd(1000).secondCount(), std::int64_t{ 1 });
        QCOMPARE(withEnd(1001).secondCount(), std::int64_t{ 2 });
    }

private:
    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder{ m_temporary.path().toStdString() };
};

QTEST_GUILESS_MAIN(TestVideoIndex)
#include "tst_video_index.moc"
