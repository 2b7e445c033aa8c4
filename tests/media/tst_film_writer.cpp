#include "media/film_writer.h"

#include "base/files.h"
#include "media/decoder.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <cmath>

using namespace clipscope;
namespace fs = std::filesystem;

namespace {

constexpr media::FilmFormat format{ 64, 48, 10 };

std::vector<std::uint8_t> picture(int number)
{
    std::vector<std::uint8_t> rgb;
    for (int pixel = 0; pixel < format.widthPixels * format.heightPixels; ++pixel)
        for (const int value : { 40 + 15 * number, 120, 200 - 15 * number })
            rgb.push_back(static_cast<std::uint8_t>(value));
    return rgb;
}

Status writeFilm(const fs::path& path, int frames)
{
    CLIP_TRY_ASSIGN(auto writer, media::FilmWriter::create(path, format));
    for (int frame = 0; frame < frames; ++frame)
        CLIP_TRY(writer.add(picture(frame)));
    return writer.finish();
}

} // namespace

class TestFilmWriter final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void theDecoderFindsEveryFrameAndItsColour()
    {
        QVERIFY_RESULT(writeFilm(path("film.mp4"), 11));
        auto index = media::buildIndex(path("film.mp4"));
        QVERIFY_RESULT(index);
        QCOMPARE(index->frameCount(), 11);
        QVERIFY(std::abs(index->durationSeconds() - 1.1) < 1e-6);
        auto decoder = media::Decoder::open(
            path("film.mp4"), std::make_shared<const media::VideoIndex>(*index));
        QVERIFY_RESULT(decoder);
        for (int frame = 0; frame < 11; ++frame) {
            const auto decoded = decoder->frameAt(frame);
            QVERIFY_RESULT(decoded);
            QCOMPARE(decoded->widthPixels, 64);
            QCOMPARE(decoded->heightPixels, 48);
            const auto wanted = picture(frame);
            const std::size_t middle = 3 * (24 * 64 + 32);
            for (std::size_t channel = 0; channel < 3; ++channel)
                QVERIFY(std::abs(int(decoded->rgb[middle + channel]) - int(wanted[channel])) <= 6);
        }
    }

    void equalPicturesGiveEqualBytes()
    {
        QVERIFY_RESULT(writeFilm(path("one.mp4"), 20));
        QVERIFY_RESULT(writeFilm(path("two.mp4"), 20));
        QVERIFY_RESULT(writeFilm(path("other.mp4"), 19));
        const auto one = readFile(path("one.mp4"));
        QVERIFY_RESULT(one);
        QVERIFY(*one == *readFile(path("two.mp4")));
        QVERIFY(*one != *readFile(path("other.mp4")));
    }

    void aFilmThatIsNotFinishedLeavesNoFile()
    {
        {
            auto writer = media::FilmWriter::create(path("half.mp4"), format);
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(writer->add(picture(0)));
            QVERIFY(fs::exists(path("half.mp4")));
        }
        QVERIFY(!fs::exists(path("half.mp4")));
    }

    void refusesWhatItCannotWrite()
    {
        QVERIFY_ERROR(
            media::FilmWriter::create(path("odd.mp4"), { 63, 48, 10 }), ErrorKind::BadInput);
        QVERIFY_ERROR(
            media::FilmWriter::create(path("none.mp4"), { 64, 48, 0 }), ErrorKind::BadInput);
        QVERIFY_ERROR(
            media::FilmWriter::create(path("film.unknown"), format), ErrorKind::Unsupported);
        QVERIFY_RESULT(writeFilm(path("there.mp4"), 2));
        QVERIFY_ERROR(media::FilmWriter::create(path("there.mp4"), format), ErrorKind::Conflict);
        QVERIFY(!media::FilmWriter::create(path("no-folder") / "film.mp4", format));
        QVERIFY(fs::exists(path("there.mp4")));
    }
};

QTEST_GUILESS_MAIN(TestFilmWriter)
#include "tst_film_writer.moc"
