#include "base/json.h"
#include "media/decoder.h"
#include "media/frame_sampler.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace clipscope;
using namespace clipscope::media;
using clipscope::test::MadeVideo;
using clipscope::test::makeVideo;

namespace {

/// A plan whose pictures keep the row of squares with the frame number.
SamplePlan readablePlan(int fps, FrameChoice choice)
{
    return { fps, choice, Squash{ 160, 96 } };
}

std::vector<std::int64_t> numbersIn(const SecondOfFrames& second)
{
    std::vector<std::int64_t> numbers;
    const std::size_t bytes
        = static_cast<std::size_t>(second.widthPixels * second.heightPixels * 3);
    for (int i = 0; i < second.frames; ++i)
        numbers.push_back(
            test::frameNumberIn(second.rgb.data() + static_cast<std::size_t>(i) * bytes,
                second.widthPixels, second.heightPixels));
    return numbers;
}

} // namespace

class TestFrameSampler : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void takesTheFrameAtEachWholeSecond_data()
    {
        QTest::addColumn<int>("gopFrames");
        QTest::addColumn<int>("bFrames");
        QTest::newRow("short groups") << 12 << 2;
        QTest::newRow("long groups, skipped B-frames") << 1000 << 3;
        QTest::newRow("no B-frames") << 50 << 0;
    }
    void takesTheFrameAtEachWholeSecond()
    {
        QFETCH(int, gopFrames);
        QFETCH(int, bFrames);
        MadeVideo made;
        made.frames = 260;
        made.gopFrames = gopFrames;
        made.bFrames = bFrames;
        const auto path = m_folder / (std::to_string(gopFrames) + ".mp4");
        QVERIFY_RESULT(makeVideo(path, made));
        auto sampler = FrameSampler::open(path, readablePlan(1, FrameChoice::AtOrBefore));
        QVERIFY_RESULT(sampler);
        QCOMPARE(sampler->secondCount(), std::int64_t{ 11 });
        for (std::int64_t second = 0; second < 11; ++second) {
            const auto frames = sampler->next();
            QVERIFY_RESULT(frames);
            QVERIFY(frames->has_value());
            QCOMPARE((*frames)->second, second);
            QCOMPARE(numbersIn(**frames), std::vector<std::int64_t>{ second * 25 });
            QVERIFY(!(*frames)->sameAsPrevious);
        }
        QVERIFY(!sampler->next()->has_value());
        if (bFrames == 3)
            QVERIFY(sampler->decodedFrames() < 120);
        if (gopFrames == 12)
            QVERIFY(sampler->decodedFrames() < 200);
    }

    void resamplesAsTheFpsFilterDoes()
    {
        MadeVideo made; // 25 frames a second to 30
        made.frames = 61;
        const auto path = m_folder / "fps.mp4";
        QVERIFY_RESULT(makeVideo(path, made));
        auto sampler = FrameSampler::open(path, readablePlan(30, FrameChoice::Nearest));
        QVERIFY_RESULT(sampler);
        QCOMPARE(sampler->secondCount(), std::int64_t{ 3 }); // 73 samples
        std::vector<std::int64_t> numbers;
        for (;;) {
            const auto second = sampler->next();
            QVERIFY_RESULT(second);
            if (!*second)
                break;
            const auto more = numbersIn(**second);
            numbers.insert(numbers.end(), more.begin(), more.end());
        }
        // As `ffmpeg -vf fps=30` gives for 25 frames a second: each input frame n goes to the
        // nearest sample round(1.2 n), and stays until the next one comes.
        QCOMPARE(numbers.size(), std::size_t{ 73 });
        for (std::size_t sample = 0; sample < numbers.size(); ++sample) {
            std::int64_t wanted = 0;
            for (std::int64_t n = 0; n < 61; ++n)
                if (std::llround(1.2 * static_cast<double>(n)) <= static_cast<std::int64_t>(sample))
                    wanted = n;
            QCOMPARE(numbers[sample], wanted);
        }
    }

    void padsTheLastSecondWithZeros()
    {
        MadeVideo made;
        made.frames = 30;
        made.fps = 20;
        const auto path = m_folder / "pad.mp4";
        QVERIFY_RESULT(makeVideo(path, made));
        auto sampler = FrameSampler::open(path, s3dPlan());
        QVERIFY_RESULT(sampler);
        QCOMPARE(sampler->secondCount(), std::int64_t{ 2 });
        const auto first = sampler->next();
        QVERIFY_RESULT(first);
        QCOMPARE((*first)->frames, 30);
        const auto last = sampler->next();
        QVERIFY_RESULT(last);
        QCOMPARE((*last)->frames, 15);
        constexpr std::size_t bytes = 224 * 224 * 3;
        QCOMPARE((*last)->rgb.size(), 30 * bytes);
        const auto half = (*last)->rgb.begin() + 15 * bytes;
        QVERIFY(std::any_of(half - bytes, half, [](std::uint8_t v) { return v != 0; }));
        QVERIFY(std::all_of(half, (*last)->rgb.end(), [](std::uint8_t v) { return v == 0; }));
    }

    void continuesAtAnySecond()
    {
        MadeVideo made;
        made.frames = 200;
        const auto path = m_folder / "skip.mp4";
        QVERIFY_RESULT(makeVideo(path, made));
        auto sampler = FrameSampler::open(path, readablePlan(1, FrameChoice::AtOrBefore));
        QVERIFY_RESULT(sampler);
        for (const std::int64_t second : { 5, 2, 7, 0, 1 }) {
            sampler->skipTo(second);
            const auto frames = sampler->next();
            QVERIFY_RESULT(frames);
            QCOMPARE(numbersIn(**frames), std::vector<std::int64_t>{ second * 25 });
        }
        sampler->skipTo(sampler->secondCount());
        QVERIFY(!sampler->next()->has_value());
    }

    void saysWhenNothingNewIsShown()
    {
        MadeVideo made;
        made.framesAtMilliseconds = { 0, 500, 5200 };
        made.frames = 3;
        made.bFrames = 0;
        const auto path = m_folder / "still.mkv";
        QVERIFY_RESULT(makeVideo(path, made));
        auto sampler = FrameSampler::open(path, readablePlan(1, FrameChoice::AtOrBefore));
        QVERIFY_RESULT(sampler);
        std::vector<bool> same;
        for (;;) {
            const auto second = sampler->next();
            QVERIFY_RESULT(second);
            if (!*second)
                break;
            same.push_back((*second)->sameAsPrevious);
        }
        QVERIFY((same == std::vector{ false, false, true, true, true, true }));
    }

    void givesTheSameFramesAsTheDecoderOnRealFilms_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : { "cockatoo.mp4", "movie-hello.avi", "tree.avi", "cityCC0.mpg",
                 "Effet_force_magnetique.ogv", "dog_vfr_phone.mp4", "nasa_13013.mp4" })
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void givesTheSameFramesAsTheDecoderOnRealFilms()
    {
        QFETCH(QString, name);
        const auto path = test::dataFolder() / "clips/free" / name.toStdString();
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto video = inspect(path);
        QVERIFY_RESULT(video);
        const auto index = std::make_shared<const VideoIndex>(video->index);
        // Every frame in a row through the same scaler is the judge: nothing is skipped.
        const int everyFrame = 240;
        auto judge = FrameSampler::open(
            path, index, SamplePlan{ everyFrame, FrameChoice::AtOrBefore, Squash{ 64, 64 } });
        auto sampler = FrameSampler::open(
            path, index, SamplePlan{ 1, FrameChoice::AtOrBefore, Squash{ 64, 64 } });
        QVERIFY_RESULT(judge);
        QVERIFY_RESULT(sampler);
        for (;;) {
            const auto second = sampler->next();
            const auto all = judge->next();
            QVERIFY_RESULT(second);
            QVERIFY_RESULT(all);
            QCOMPARE(second->has_value(), all->has_value());
            if (!*second)
                break;
            QVERIFY(std::equal((*second)->rgb.begin(), (*second)->rgb.end(), (*all)->rgb.begin()));
        }
        QVERIFY(sampler->decodedFrames() <= judge->decodedFrames());
    }

    void hasTheGeometryOfTheReference()
    {
        const auto layout = readJson(test::fixturesFolder() / "data_layout.json");
        if (!layout)
            QSKIP("the fixtures are not there");
        for (const Json& row : layout->at("frame_geometry")) {
            const ScaledAndCropped geometry
                = scaledAndCropped(row.at("width").get<int>(), row.at("height").get<int>(), 224);
            QCOMPARE(geometry.scaledWidth, row.at("scaled_width").get<int>());
            QCOMPARE(geometry.scaledHeight, row.at("scaled_height").get<int>());
            QCOMPARE(geometry.cropX, row.at("crop_x").get<int>());
            QCOMPARE(geometry.cropY, row.at("crop_y").get<int>());
        }
    }

    void refusesPlansOutOfRange()
    {
        const auto path = m_folder / "plan.mp4";
        QVERIFY_RESULT(makeVideo(path, {}));
        QVERIFY_ERROR(FrameSampler::open(path, SamplePlan{ 0, FrameChoice::AtOrBefore, Squash{} }),
            ErrorKind::BadInput);
        QVERIFY_ERROR(
            FrameSampler::open(path, SamplePlan{ 1, FrameChoice::AtOrBefore, Squash{ 0, 5 } }),
            ErrorKind::BadInput);
    }

    void stopsAndGoesOn()
    {
        const auto path = m_folder / "stop.mp4";
        QVERIFY_RESULT(makeVideo(path, {}));
        auto sampler = FrameSampler::open(path, readablePlan(1, FrameChoice::AtOrBefore));
        QVERIFY_RESULT(sampler);
        std::stop_source source;
        source.request_stop();
        QVERIFY_ERROR(sampler->next(source.get_token()), ErrorKind::Cancelled);
        const auto first = sampler->next();
        QVERIFY_RESULT(first);
        QCOMPARE(numbersIn(**first), std::vector<std::int64_t>{ 0 });
    }

    void autoDecodesTheSameFrames_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("codec");
        QTest::newRow("H.264") << "auto.mp4"
                               << "libx264";
        QTest::newRow("MPEG-4") << "auto.mkv"
                                << "mpeg4";
        QTest::newRow("a codec that no card knows") << "auto1.mkv"
                                                    << "ffv1";
    }
    void autoDecodesTheSameFrames()
    {
        QFETCH(QString, name);
        QFETCH(QString, codec);
        const HardwareDecoder& card = hardwareDecoder();
        QVERIFY(card.name.empty() != card.whyNot.empty());
        MadeVideo made;
        made.codec = codec.toStdString();
        made.bFrames = codec == QLatin1String("ffv1") ? 0 : 2;
        const auto path = m_folder / name.toStdString();
        const Status status = makeVideo(path, made);
        if (!status && status.error().kind == ErrorKind::Unsupported)
            QSKIP("this FFmpeg has no such encoder");
        QVERIFY_RESULT(status);
        const auto index = std::make_shared<const VideoIndex>(*buildIndex(path));
        const SamplePlan plan = readablePlan(5, FrameChoice::AtOrBefore);
        auto software = FrameSampler::open(path, index, plan, 1, DecodeWish::Software);
        auto wished = FrameSampler::open(path, index, plan, 1, DecodeWish::Auto);
        QVERIFY_RESULT(software);
        QVERIFY_RESULT(wished);
        for (std::int64_t second = 0; second < software->secondCount(); ++second) {
            const auto expected = software->next();
            const auto found = wished->next();
            QVERIFY_RESULT(expected);
            QVERIFY_RESULT(found);
            QVERIFY(numbersIn(**found) == numbersIn(**expected));
            if (card.name.empty()) // a card may round colours otherwise
                QVERIFY((*found)->rgb == (*expected)->rgb);
        }
        QVERIFY(!*wished->next());
        if (card.name.empty())
            QCOMPARE(wished->decodedFrames(), software->decodedFrames());
    }

private:
    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder{ m_temporary.path().toStdString() };
};

QTEST_GUILESS_MAIN(TestFrameSampler)
#include "tst_frame_sampler.moc"
