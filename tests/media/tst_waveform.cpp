#include "media/waveform.h"

#include "base/hash.h"
#include "media/audio_reader.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <random>

using namespace clipscope;
using namespace clipscope::media;
using clipscope::test::MadeVideo;
using clipscope::test::makeVideo;

namespace {

std::vector<Peak> madeUpPeaks(std::size_t count)
{
    std::mt19937 random(7);
    std::vector<Peak> peaks(count);
    for (Peak& peak : peaks) {
        const auto low = static_cast<int>(random() % 65536) - 32768;
        const auto high = low + static_cast<int>(random() % static_cast<unsigned>(32768 - low));
        peak = { static_cast<std::int16_t>(low), static_cast<std::int16_t>(high) };
    }
    return peaks;
}

/// What columns() promises, the slow way, for a column over whole buckets of level 0.
Peak extremes(const std::vector<Peak>& peaks, std::size_t from, std::size_t to)
{
    Peak all = peaks.at(from);
    for (std::size_t i = from; i < std::min(to, peaks.size()); ++i)
        all = { std::min(all.lowest, peaks[i].lowest), std::max(all.highest, peaks[i].highest) };
    return all;
}

} // namespace

class TestWaveform : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void everyLevelHoldsTheExtremesOfTheFinerOne()
    {
        for (const std::size_t count : { std::size_t{ 0 }, std::size_t{ 1 }, std::size_t{ 4 },
                 std::size_t{ 5 }, std::size_t{ 1023 } }) {
            const auto peaks = madeUpPeaks(count);
            const Waveform waveform(peaks);
            QVERIFY(std::equal(
                peaks.begin(), peaks.end(), waveform.level(0).begin(), waveform.level(0).end()));
            std::size_t width = 1;
            for (int level = 0; level < waveform.levelCount(); ++level, width *= 4) {
                QCOMPARE(waveform.level(level).size(), (count + width - 1) / width);
                for (std::size_t i = 0; i < waveform.level(level).size(); ++i)
                    QVERIFY(
                        waveform.level(level)[i] == extremes(peaks, i * width, (i + 1) * width));
            }
            QVERIFY(waveform.level(waveform.levelCount() - 1).size() <= 4);
        }
    }

    void columnsTakeInEveryBucketTheyTouch_data()
    {
        QTest::addColumn<int>("bucketsPerColumn");
        for (const int width : { 1, 2, 4, 16, 64, 256 })
            QTest::addRow("%d buckets", width) << width;
    }
    void columnsTakeInEveryBucketTheyTouch()
    {
        QFETCH(int, bucketsPerColumn);
        const auto peaks = madeUpPeaks(5000);
        const Waveform waveform(peaks);
        const double seconds = bucketsPerColumn / 100.0;
        const auto width = static_cast<std::size_t>(bucketsPerColumn);
        const auto columns = waveform.columns(3 * seconds, seconds, 10);
        QCOMPARE(columns.size(), std::size_t{ 10 });
        for (std::size_t i = 0; i < columns.size(); ++i)
            QVERIFY(columns[i] == extremes(peaks, (i + 3) * width, (i + 4) * width));
        // Between the buckets: never less than what is there.
        const auto shifted = waveform.columns(3.5 * seconds, seconds, 10);
        for (std::size_t i = 0; i < shifted.size(); ++i) {
            const Peak least = extremes(peaks, (2 * i + 7) * width / 2,
                std::max((2 * i + 7) * width / 2 + 1, (2 * i + 9) * width / 2));
            QVERIFY(shifted[i].lowest <= least.lowest && shifted[i].highest >= least.highest);
        }
    }

    void columnsOutsideAreSilent()
    {
        const Waveform waveform(std::vector<Peak>(100, Peak{ -5, 9 }));
        const auto columns = waveform.columns(-0.5, 0.25, 8);
        for (std::size_t i = 0; i < columns.size(); ++i)
            QVERIFY(columns[i] == (i >= 2 && i < 6 ? Peak{ -5, 9 } : Peak()));
        // Much finer than the buckets, and much coarser than the whole.
        QVERIFY(waveform.columns(0.5001, 1e-5, 3) == std::vector<Peak>(3, Peak{ -5, 9 }));
        QVERIFY(waveform.columns(0.0, 1e4, 2) == (std::vector<Peak>{ { -5, 9 }, {} }));
        QVERIFY(waveform.columns(1e9, 0.1, 2) == std::vector<Peak>(2));
        QVERIFY(Waveform().columns(0.0, 1.0, 1) == std::vector<Peak>(1));
        QVERIFY(Waveform().isSilent());
        QVERIFY(!waveform.isSilent());
    }

    void readsWhatWasWrittenAndRefusesTheRest()
    {
        for (const std::size_t count : { std::size_t{ 0 }, std::size_t{ 1 }, std::size_t{ 37 } }) {
            const Waveform waveform(madeUpPeaks(count));
            const std::string bytes = waveform.serialise();
            const auto again = Waveform::parse(bytes);
            QVERIFY_RESULT(again);
            QVERIFY(*again == waveform);
            for (std::size_t length = 0; length < bytes.size(); ++length)
                QVERIFY_ERROR(Waveform::parse(bytes.substr(0, length)), ErrorKind::BadInput);
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                std::string changed = bytes;
                changed[i] = static_cast<char>(changed[i] ^ 0x20);
                QVERIFY_ERROR(Waveform::parse(changed), ErrorKind::BadInput);
            }
            QVERIFY_ERROR(Waveform::parse(bytes + "x"), ErrorKind::BadInput);
        }
        // A right checksum does not make it right.
        const auto sealed
            = [](const std::string& body) { return body + hashOf(body).substr(0, 8); };
        QVERIFY_ERROR(Waveform::parse(sealed("CSWF1abc")), ErrorKind::BadInput);
        QVERIFY_ERROR(
            Waveform::parse(sealed(std::string("CSWF1\1\0\0\0", 9))), ErrorKind::BadInput);
        QVERIFY_ERROR(Waveform::parse(sealed("CSWF2abcd")), ErrorKind::BadInput);
        QVERIFY_RESULT(Waveform::parse(sealed(std::string("CSWF1\0\0\1\0", 9))));
    }

    void showsTheToneOfAFilm_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("mp4") << "tone.mp4";
        QTest::newRow("matroska") << "tone.mkv";
        QTest::newRow("transport stream") << "tone.ts";
    }
    void showsTheToneOfAFilm()
    {
        QFETCH(QString, name);
        MadeVideo made;
        made.sound = true;
        made.frames = 12 * 25; // more than one block
        made.widthPixels = 32;
        made.heightPixels = 16;
        if (name.endsWith(QLatin1String(".ts")))
            made.codec = "mpeg2video";
        const auto path = m_folder / name.toStdString();
        QVERIFY_RESULT(makeVideo(path, made));
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        const auto waveform = readWaveform(path, *index);
        QVERIFY_RESULT(waveform);
        QCOMPARE(waveform->level(0).size(), std::size_t{ 1200 });
        QCOMPARE(waveform->durationSeconds(), 12.0);
        // Coding changes the tone by less than a tenth; 440 Hz has four periods in a bucket.
        for (std::size_t i = 5; i < 1190; ++i) {
            QVERIFY(std::abs(waveform->level(0)[i].highest - 16384) < 1640);
            QVERIFY(std::abs(waveform->level(0)[i].lowest + 16384) < 1640);
        }
    }

    void standsOnTheClockOfThePictures()
    {
        // The pictures of this film start late; so does their sound, counted from the first one.
        const auto path = test::dataFolder() / "hostile/edit_list_late_video.mp4";
        if (!std::filesystem::exists(path))
            QSKIP("the sample data is not there");
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        QVERIFY(index->originSeconds() > 0.5);
        const auto waveform = readWaveform(path, *index);
        QVERIFY_RESULT(waveform);
        auto reader = AudioReader::open(path, 0, index->originSeconds());
        QVERIFY_RESULT(reader);
        QVERIFY(!waveform->isSilent());
        const auto block = reader->read(0.0, 3.0);
        QVERIFY_RESULT(block);
        const auto count = static_cast<std::int64_t>(waveform->level(0).size());
        QVERIFY(count > 100 && count <= 300);
        for (std::int64_t bucket = 0; bucket < count; ++bucket) {
            const std::int64_t rate = block->sampleRateHz;
            float low = 1.0f, high = -1.0f;
            for (std::int64_t i = (bucket * rate + 99) / 100; i * 100 < (bucket + 1) * rate; ++i) {
                for (const std::int64_t channel : { 0, 1 }) {
                    const float sample = block->samples[static_cast<std::size_t>(2 * i + channel)];
                    low = std::min(low, sample);
                    high = std::max(high, sample);
                }
            }
            const Peak peak = waveform->level(0)[static_cast<std::size_t>(bucket)];
            QVERIFY(std::abs(peak.lowest / 32767.0f - std::max(low, -1.0f)) < 1e-4f);
            QVERIFY(std::abs(peak.highest / 32767.0f - std::min(high, 1.0f)) < 1e-4f);
        }
    }

    void tellsHowFarItIsAndCanBeStopped()
    {
        MadeVideo made;
        made.sound = true;
        made.widthPixels = 32;
        made.heightPixels = 16;
        made.frames = 25 * 150;
        const auto path = m_folder / "long.mkv";
        QVERIFY_RESULT(makeVideo(path, made));
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        std::vector<std::size_t> reports;
        const auto waveform
            = readWaveform(path, *index, {}, [&](std::span<const Peak> soFar, std::int64_t total) {
                  QCOMPARE(total, std::int64_t{ 15000 });
                  reports.push_back(soFar.size());
              });
        QVERIFY_RESULT(waveform);
        QVERIFY(reports == (std::vector<std::size_t>{ 6000, 12000, 15000 }));
        std::stop_source source;
        int calls = 0;
        const auto stopped = readWaveform(path, *index, source.get_token(), [&](auto, auto) {
            ++calls;
            source.request_stop();
        });
        QVERIFY_ERROR(stopped, ErrorKind::Cancelled);
        QCOMPARE(calls, 1);
    }

    void saysWhenThereIsNoSound()
    {
        const auto path = m_folder / "mute.mp4";
        QVERIFY_RESULT(makeVideo(path, {}));
        const auto index = buildIndex(path);
        QVERIFY_RESULT(index);
        QVERIFY_ERROR(readWaveform(path, *index), ErrorKind::BadInput);
    }

private:
    QTemporaryDir m_temporary;
    const std::filesystem::path m_folder{ m_temporary.path().toStdString() };
};

QTEST_GUILESS_MAIN(TestWaveform)
#include "tst_waveform.moc"
