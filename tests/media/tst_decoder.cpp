#include "media/decoder.h"
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

namespace {

std::int64_t numberIn(const RgbFrame& picture)
{
    return test::frameNumberIn(picture.rgb.data(), picture.widthPixels, picture.heightPixels);
}

std::shared_ptr<const VideoIndex> indexOf(const std::filesystem::path& path)
{
    auto index = buildIndex(path);
    return index ? std::make_shared<const VideoIndex>(std::move(*index)) : nullptr;
}

} // namespace

class TestDecoder : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void givesExactlyTheFrameAskedFor_data() { test::addMadeFormats(); }
    void givesExactlyTheFrameAskedFor()
    {
        auto [name, made] = test::madeFormat();
        made.frames = 120;
        const auto path = m_folder / name;
        QVERIFY_RESULT(makeVideo(path, made));
        const auto index = indexOf(path);
        QVERIFY(index);
        auto decoder = Decoder::open(path, index);
        QVERIFY_RESULT(decoder);
        std::int64_t frame = 60;
        for (int i = 0; i < 200; ++i, frame = (frame * 31 + 17) % made.frames) {
            const auto picture = decoder->frameAt(frame);
            QVERIFY_RESULT(picture);
            QCOMPARE(picture->frameIndex, frame);
            QCOMPARE(numberIn(*picture), frame);
            QCOMPARE(picture->seconds, index->secondsOf(frame));
        }
    }

    void walksForwardsWithOneDecodePerFrame()
    {
        const auto path = made();
        auto decoder = Decoder::open(path, indexOf(path), DecodeSize::full(), 1);
        QVERIFY_RESULT(decoder);
        for (std::int64_t frame = 0; frame < 75; ++frame)
            QCOMPARE(numberIn(*decoder->frameAt(frame)), frame);
        QCOMPARE(decoder->counters().seeks, std::int64_t{ 0 });
        QCOMPARE(decoder->counters().decodedFrames, std::int64_t{ 75 });
    }

    void stepsBackwardsWithOneSeekPerGroup()
    {
        const auto path = made();
        auto decoder = Decoder::open(path, indexOf(path), DecodeSize::full(), 1);
        QVERIFY_RESULT(decoder);
        for (std::int64_t frame = 74; frame >= 0; --frame)
            QCOMPARE(numberIn(*decoder->frameAt(frame)), frame);
        QVERIFY(decoder->counters().seeks <= 75 / 12 + 1);
        QVERIFY(decoder->counters().decodedFrames <= 100);
        const auto before = decoder->counters();
        for (int i = 0; i < 10; ++i) // to and fro costs nothing
            QVERIFY_RESULT(decoder->frameAt(i % 2));
        QCOMPARE(decoder->counters().decodedFrames, before.decodedFrames);
    }

    void stepsBackwardsThroughAGroupThatDoesNotFit()
    {
        MadeVideo large;
        large.widthPixels = 1920;
        large.heightPixels = 1080;
        large.frames = large.gopFrames = 130;
        const auto path = m_folder / "large.mp4";
        QVERIFY_RESULT(makeVideo(path, large));
        auto decoder = Decoder::open(path, indexOf(path), DecodeSize::bounded(160, 90));
        QVERIFY_RESULT(decoder);
        for (std::int64_t frame = 129; frame >= 0; --frame) {
            QCOMPARE(numberIn(*decoder->frameAt(frame)), frame);
            QVERIFY(decoder->counters().keptBytes <= std::int64_t{ 192 } << 20);
        }
        QVERIFY(decoder->counters().keptBytes > std::int64_t{ 180 } << 20);
        // 62 frames fit: the whole group, then its first 68, then its first 6.
        QVERIFY(decoder->counters().seeks <= 2);
        QVERIFY2(decoder->counters().decodedFrames <= 130 + 70 + 10,
            qPrintable(QString::number(decoder->counters().decodedFrames)));
    }

    void clampsAndRoundsTimes()
    {
        const auto path = made();
        auto decoder = Decoder::open(path, indexOf(path));
        QVERIFY_RESULT(decoder);
        QCOMPARE(decoder->frameAt(-3)->frameIndex, std::int64_t{ 0 });
        QCOMPARE(decoder->frameAt(1000)->frameIndex, std::int64_t{ 74 });
        QCOMPARE(decoder->frameAtSeconds(1.0)->frameIndex, std::int64_t{ 25 });
        QCOMPARE(decoder->frameAtSeconds(1.039)->frameIndex, std::int64_t{ 25 });
        QCOMPARE(decoder->frameAtSeconds(1.041)->frameIndex, std::int64_t{ 26 });
    }

    void keepsTheShapeWithinBounds()
    {
        const auto path = made(); // 160 x 96
        const auto index = indexOf(path);
        const auto sizeFor = [&](DecodeSize bounds) {
            auto decoder = Decoder::open(path, index, bounds);
            const auto picture = decoder->frameAt(10);
            return std::pair(picture->widthPixels, picture->heightPixels);
        };
        QVERIFY(sizeFor(DecodeSize::full()) == std::pair(160, 96));
        QVERIFY(sizeFor(DecodeSize::bounded(80, 80)) == std::pair(80, 48));
        QVERIFY(sizeFor(DecodeSize::bounded(1000, 24)) == std::pair(40, 24));
        QVERIFY(sizeFor(DecodeSize::bounded(4000, 4000)) == std::pair(160, 96));
        QVERIFY(sizeFor(DecodeSize::bounded(1, 1)) == std::pair(1, 1));
    }

    void showsTheColoursThatWereEncoded()
    {
        const auto path = made();
        const auto picture = Decoder::open(path, indexOf(path))->frameAt(0);
        QVERIFY_RESULT(picture);
        // Y 110, U 218, V 128 of BT.601 in limited range.
        const std::uint8_t* pixel = picture->rgb.data() + 3 * (60 * 160 + 80);
        QVERIFY(std::abs(pixel[0] - 109) <= 6);
        QVERIFY(std::abs(pixel[1] - 74) <= 6);
        QVERIFY(std::abs(pixel[2] - 255) <= 6);
    }

    void staysUsableAfterACancelledCall()
    {
        const auto path = made();
        auto decoder = Decoder::open(path, indexOf(path));
        QVERIFY_RESULT(decoder);
        QCOMPARE(numberIn(*decoder->frameAt(5)), std::int64_t{ 5 });
        std::stop_source source;
        source.request_stop();
        QVERIFY_ERROR(decoder->frameAt(70, source.get_token()), ErrorKind::Cancelled);
        for (const std::int64_t frame : { 6, 70, 30, 71 })
            QCOMPARE(numberIn(*decoder->frameAt(frame)), frame);
    }

    void showsTheNearestFrameWhereSomeAreDamaged()
    {
        MadeVideo video;
        video.bFrames = 0;
        const auto whole = m_folder / "whole.mkv";
        const auto path = m_folder / "damaged.mkv";
        QVERIFY_RESULT(makeVideo(whole, video));
        const auto index = indexOf(whole);
        // The index is of the whole file, the file has lost its second half since.
        std::filesystem::copy_file(whole, path);
        std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
        auto decoder = Decoder::open(path, index);
        QVERIFY_RESULT(decoder);
        const auto last = decoder->frameAt(74);
        QVERIFY_RESULT(last);
        QVERIFY(last->frameIndex > 10 && last->frameIndex < 74);
        QCOMPARE(numberIn(*last), last->frameIndex);
        QCOMPARE(decoder->frameAt(73)->frameIndex, last->frameIndex);
        QCOMPARE(numberIn(*decoder->frameAt(3)), std::int64_t{ 3 });
    }

    void refusesAnIndexOfAnotherFile()
    {
        const auto path = made();
        const auto other = std::make_shared<const VideoIndex>(5, 1, 77,
            FrameIdentity::PresentationTime, std::vector{ IndexedFrame{ 0, 0, true } }, 1);
        QVERIFY_ERROR(Decoder::open(path, other), ErrorKind::BadInput);
        QVERIFY_ERROR(Decoder::open(m_folder / "no.mp4", other), ErrorKind::NotFound);
    }

    void entersFilesWhoseParametersStandOnlyAtTheStart()
    {
        const auto path = test::dataFolder() / "clips/free/cockatoo.mp4";
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto index = indexOf(path);
        QVERIFY(index);
        auto walked = Decoder::open(path, index, DecodeSize::bounded(64, 64));
        auto jumped = Decoder::open(path, index, DecodeSize::bounded(64, 64));
        const auto direct = jumped->frameAt(170);
        QVERIFY_RESULT(direct);
        for (std::int64_t frame = 0; frame < 170; ++frame)
            QVERIFY_RESULT(walked->frameAt(frame));
        QVERIFY(walked->frameAt(170)->rgb == direct->rgb);
        QVERIFY(jumped->counters().decodedFrames < 171);
    }

    void turnsPicturesUpright_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::newRow("quarter") << "clips/free/rotated_90.mov" << 320 << 568;
        QTest::newRow("half") << "hostile/rotated_180.mov" << 568 << 320;
        QTest::newRow("three quarters") << "hostile/rotated_90.mp4" << 180 << 320;
    }
    void turnsPicturesUpright()
    {
        QFETCH(QString, name);
        QFETCH(int, width);
        QFETCH(int, height);
        const auto path = test::dataFolder() / name.toStdString();
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto picture = Decoder::open(path, indexOf(path))->frameAt(0);
        QVERIFY_RESULT(picture);
        QCOMPARE(picture->widthPixels, width);
        QCOMPARE(picture->heightPixels, height);
    }

    void makesThumbnailsWithAndWithoutAnIndex()
    {
        const auto path = made();
        const auto exact = thumbnail(path, 1.5, DecodeSize::bounded(80, 80), indexOf(path));
        QVERIFY_RESULT(exact);
        QCOMPARE(numberIn(*exact), std::int64_t{ 37 });
        const auto quick = thumbnail(path, 1.5, DecodeSize::bounded(80, 80));
        QVERIFY_RESULT(quick);
        QCOMPARE(quick->frameIndex, std::int64_t{ -1 });
        QVERIFY(std::abs(numberIn(*quick) - 37) <= 1);
        QVERIFY_RESULT(thumbnail(path, 1e6, DecodeSize::bounded(80, 80)));
    }

    void makesThumbnailsOfRealFilmsWithoutAnIndex_data()
    {
        QTest::addColumn<QString>("name");
        // Entered behind its first packet without having seen that, the first one decodes to green.
        for (const char* name : { "cockatoo.mp4", "cityCC0.mpg", "dog_vfr_phone.mp4",
                 "movie-hello.avi", "toy_pig.webm" })
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void makesThumbnailsOfRealFilmsWithoutAnIndex()
    {
        QFETCH(QString, name);
        const auto path = test::dataFolder() / "clips/free" / name.toStdString();
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto index = indexOf(path);
        QVERIFY(index);
        for (const double part : { 0.0, 0.35, 0.7 }) {
            const double seconds = part * index->durationSeconds();
            const auto exact = thumbnail(path, seconds, DecodeSize::bounded(64, 64), index);
            const auto quick = thumbnail(path, seconds, DecodeSize::bounded(64, 64));
            QVERIFY_RESULT(exact);
            QVERIFY_RESULT(quick);
            QVERIFY(std::abs(quick->seconds - exact->seconds) < 0.5);
            QCOMPARE(quick->rgb.size(), exact->rgb.size());
            double difference = 0.0;
            for (std::size_t i = 0; i < exact->rgb.size(); ++i)
                difference += std::abs(exact->rgb[i] - quick->rgb[i]);
            difference /= static_cast<double>(exact->rgb.size());
            QVERIFY2(difference < 12.0, qPrintable(QString::number(difference)));
        }
    }

private:
    std::filesystem::path made()
    {
        const auto path = m_folder / "made.mp4";
        if (!std::filesystem::exists(path) && !makeVideo(path, {}))
            return {};
        return path;
    }

    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder{ m_temporary.path().toStdString() };
};

QTEST_GUILESS_MAIN(TestDecoder)
#include "tst_decoder.moc"
