#include "media/audio_reader.h"
#include "media/video_index.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <algorithm>
#include <cmath>

using namespace clipscope;
using namespace clipscope::media;
using clipscope::test::MadeVideo;
using clipscope::test::makeVideo;

namespace {

double loudnessOf(const AudioBlock& block)
{
    double sum = 0.0;
    for (const float sample : block.samples)
        sum += static_cast<double>(sample) * static_cast<double>(sample);
    return block.samples.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(block.samples.size()));
}

} // namespace

class TestAudioReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void givesTheToneAtAnyRate_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("rate");
        QTest::newRow("mp4, same rate") << "a.mp4" << 48000;
        QTest::newRow("mp4, other rate") << "a.mp4" << 44100;
        QTest::newRow("matroska") << "a.mkv" << 16000;
        QTest::newRow("transport stream") << "a.ts" << 48000;
    }
    void givesTheToneAtAnyRate()
    {
        QFETCH(QString, name);
        QFETCH(int, rate);
        const auto path = made(name.toStdString());
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        auto reader = AudioReader::open(path, rate, index->originSeconds());
        QVERIFY_RESULT(reader);
        for (const double start : { 1.0, 1.5, 0.25, 2.0 }) {
            const auto block = reader->read(start, 0.5);
            QVERIFY_RESULT(block);
            QCOMPARE(block->frames(), static_cast<std::int64_t>(rate / 2));
            QCOMPARE(block->sampleRateHz, rate);
            QVERIFY(std::abs(loudnessOf(*block) - 0.5 / std::sqrt(2.0)) < 0.03);
            QVERIFY(std::abs(frequencyOf(*block) - 440.0) < 5.0);
        }
    }

    void readsOnWithoutASeekAndWithoutAStep()
    {
        const auto path = made("on.mkv");
        auto whole = AudioReader::open(path, 48000);
        auto pieces = AudioReader::open(path, 48000);
        QVERIFY_RESULT(whole);
        QVERIFY_RESULT(pieces);
        const auto all = whole->read(0.5, 2.0);
        QVERIFY_RESULT(all);
        std::vector<float> joined;
        for (int i = 0; i < 20; ++i) {
            const auto block = pieces->read(0.5 + 0.1 * i, 0.1);
            QVERIFY_RESULT(block);
            joined.insert(joined.end(), block->samples.begin(), block->samples.end());
        }
        QVERIFY(pieces->seeks() <= 2);
        QVERIFY(joined == all->samples);
    }

    void isSilentOutsideTheSound()
    {
        const auto path = made("silent.mp4");
        auto reader = AudioReader::open(path, 48000);
        QVERIFY_RESULT(reader);
        QCOMPARE(loudnessOf(*reader->read(-5.0, 1.0)), 0.0);
        QCOMPARE(loudnessOf(*reader->read(50.0, 1.0)), 0.0);
        const auto across = reader->read(2.5, 2.0);
        QVERIFY(loudnessOf(*across) > 0.1);
        QCOMPARE(across->samples.back(), 0.0f);
        QVERIFY(std::abs(reader->durationSeconds() - 3.0) < 0.1);
        QCOMPARE(reader->read(1.0, 0.0)->frames(), std::int64_t{ 0 });
    }

    void knowsWhereThePicturesStart()
    {
        const auto path = test::dataFolder() / "hostile/edit_list_late_video.mp4";
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        auto fromFile = AudioReader::open(path, 16000);
        auto fromPicture = AudioReader::open(path, 16000, index->originSeconds());
        const auto a = fromFile->read(2.0, 0.5);
        const auto b = fromPicture->read(0.5, 0.5);
        QVERIFY(loudnessOf(*a) > 0.0);
        QVERIFY(a->samples == b->samples);
    }

    void saysWhenThereIsNoSound()
    {
        const auto path = m_folder / "mute.mp4";
        QVERIFY_RESULT(makeVideo(path, {}));
        QVERIFY_ERROR(AudioReader::open(path, 48000), ErrorKind::BadInput);
        QVERIFY_ERROR(AudioReader::open(m_folder / "none.mp4", 48000), ErrorKind::NotFound);
    }

    void staysUsableAfterACancelledCall()
    {
        const auto path = made("cancel.mp4");
        auto reader = AudioReader::open(path, 48000);
        QVERIFY_RESULT(reader);
        std::stop_source source;
        source.request_stop();
        QVERIFY_ERROR(reader->read(1.0, 0.5, source.get_token()), ErrorKind::Cancelled);
        const auto block = reader->read(1.0, 0.5);
        QVERIFY_RESULT(block);
        QVERIFY(loudnessOf(*block) > 0.3);
    }

private:
    std::filesystem::path made(const std::string& name)
    {
        MadeVideo video;
        video.sound = true;
        if (name.ends_with(".ts"))
            video.codec = "mpeg2video";
        const auto path = m_folder / name;
        return makeVideo(path, video) ? path : std::filesystem::path();
    }

    /// By counting how often the left channel rises through zero.
    static double frequencyOf(const AudioBlock& block)
    {
        int rises = 0;
        for (std::size_t i = 2; i < block.samples.size(); i += 2)
            rises += block.samples[i - 2] < 0.0f && block.samples[i] >= 0.0f ? 1 : 0;
        return static_cast<double>(rises) * block.sampleRateHz
            / static_cast<double>(block.frames());
    }

    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder{ m_temporary.path().toStdString() };
};

QTEST_GUILESS_MAIN(TestAudioReader)
#include "tst_audio_reader.moc"
