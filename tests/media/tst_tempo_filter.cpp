#include "media/tempo_filter.h"

#include "media/audio_reader.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <cmath>

using namespace clipscope;
using namespace clipscope::media;

namespace {

constexpr int rateHz = 48000;
constexpr double pi = 3.14159265358979323846;

/// Both channels alike; silence before `startSeconds`.
std::vector<float> tone(double hertz, double seconds, double startSeconds = 0.0)
{
    std::vector<float> samples;
    for (int i = 0; i < static_cast<int>(seconds * rateHz); ++i) {
        const double at = static_cast<double>(i) / rateHz;
        const double value = at < startSeconds ? 0.0 : 0.5 * std::sin(2.0 * pi * hertz * at);
        samples.insert(samples.end(), 2, static_cast<float>(value));
    }
    return samples;
}

/// Through the filter in pieces of a tenth of a second, as the player does.
Result<std::vector<float>> atTempo(std::span<const float> samples, double tempo)
{
    CLIP_TRY_ASSIGN(TempoFilter filter, TempoFilter::create(rateHz, tempo));
    std::vector<float> out;
    constexpr std::size_t piece = 2 * rateHz / 10;
    for (std::size_t at = 0; at < samples.size(); at += piece) {
        CLIP_TRY_ASSIGN(const std::vector<float> some,
            filter.filter(samples.subspan(at, std::min(piece, samples.size() - at))));
        out.insert(out.end(), some.begin(), some.end());
    }
    CLIP_TRY_ASSIGN(const std::vector<float> rest, filter.drain());
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

/// By counting how often the left channel rises from well below to well above zero.
double frequencyOf(std::span<const float> samples)
{
    int rises = 0;
    bool isLow = false;
    for (std::size_t i = 0; i < samples.size(); i += 2) {
        rises += isLow && samples[i] > 0.1f ? 1 : 0;
        isLow = samples[i] < -0.1f || (isLow && samples[i] <= 0.1f);
    }
    return rises * static_cast<double>(rateHz) / static_cast<double>(samples.size() / 2);
}

double loudnessOf(std::span<const float> samples)
{
    double sum = 0.0;
    for (const float sample : samples)
        sum += static_cast<double>(sample) * static_cast<double>(sample);
    return std::sqrt(sum / static_cast<double>(samples.size()));
}

} // namespace

class TestTempoFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void measuresFrequenciesWell()
    {
        for (const double hertz : { 110.0, 436.0, 440.0, 880.0, 3000.0 })
            QVERIFY(std::abs(frequencyOf(tone(hertz, 4.0)) - hertz) < 0.3);
    }

    void keepsPitchLoudnessAndLength_data()
    {
        QTest::addColumn<double>("tempo");
        QTest::addColumn<double>("hertz");
        for (const double tempo : { 0.5, 0.75, 1.0, 1.25, 1.5, 2.0 }) {
            for (const double hertz : { 110.0, 440.0, 3000.0 })
                QTest::addRow("%g times, %g Hz", tempo, hertz) << tempo << hertz;
        }
    }
    void keepsPitchLoudnessAndLength()
    {
        QFETCH(double, tempo);
        QFETCH(double, hertz);
        const auto in = tone(hertz, 4.0);
        const auto out = atTempo(in, tempo);
        QVERIFY_RESULT(out);
        QCOMPARE(out->size() % 2, std::size_t{ 0 });
        const double seconds = static_cast<double>(out->size() / 2) / rateHz;
        QVERIFY2(
            std::abs(seconds - 4.0 / tempo) < 0.03, qPrintable(QString::number(seconds, 'f', 4)));
        const double heard = frequencyOf(*out);
        QVERIFY2(std::abs(heard - hertz) < 0.01 * hertz, qPrintable(QString::number(heard)));
        QVERIFY(std::abs(loudnessOf(*out) - loudnessOf(in)) < 0.03);
    }

    /// The sound is the clock of the pictures: what is heard must be where its time says.
    void everyMomentStaysAtItsTime_data()
    {
        QTest::addColumn<double>("tempo");
        for (const double tempo : { 0.5, 0.75, 1.5, 2.0 })
            QTest::addRow("%g times", tempo) << tempo;
    }
    void everyMomentStaysAtItsTime()
    {
        QFETCH(double, tempo);
        const auto out = atTempo(tone(440.0, 9.0, 7.0), tempo);
        QVERIFY_RESULT(out);
        std::size_t first = 0;
        while (first < out->size() && std::abs((*out)[first]) < 0.1f)
            ++first;
        const double heard = static_cast<double>(first / 2) / rateHz * tempo;
        QVERIFY2(std::abs(heard - 7.0) < 0.06, qPrintable(QString::number(heard, 'f', 4)));
    }

    void keepsThePitchOfAFilm()
    {
        QTemporaryDir folder;
        const auto path = std::filesystem::path(folder.path().toStdString()) / "tone.mp4";
        test::MadeVideo made;
        made.sound = true;
        QVERIFY_RESULT(test::makeVideo(path, made));
        auto reader = AudioReader::open(path, rateHz);
        QVERIFY_RESULT(reader);
        const auto block = reader->read(0.2, 2.5);
        QVERIFY_RESULT(block);
        for (const double tempo : { 0.5, 0.75, 1.5, 2.0 }) {
            const auto out = atTempo(block->samples, tempo);
            QVERIFY_RESULT(out);
            QVERIFY(std::abs(frequencyOf(*out) - 440.0) < 4.4);
        }
    }

    void nothingInGivesNothingOut()
    {
        auto filter = TempoFilter::create(8000, 1.5);
        QVERIFY_RESULT(filter);
        QVERIFY(filter->filter({})->empty());
        QVERIFY(filter->drain()->empty());
    }
};

QTEST_GUILESS_MAIN(TestTempoFilter)
#include "tst_tempo_filter.moc"
