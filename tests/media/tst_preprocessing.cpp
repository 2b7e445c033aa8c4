#include "media/frame_sampler.h"
#include "media/video_index.h"
#include "support/verify.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace clipscope;
using namespace clipscope::media;
namespace fs = std::filesystem;

namespace {

constexpr int size = 224, fps = 30;
constexpr std::int64_t mostSeconds = 4; ///< of each film, which is enough to compare
constexpr std::size_t frameBytes = std::size_t{ 3 } * size * size;

/// How far what we give may be from `ffmpeg -vf fps=30,scale=W:H,crop=224:224`, and why.
struct Allowance
{
    const char* film;
    double mean; ///< of the absolute differences of a frame's channels, 0 to 255
    int largest;
    double shifted; ///< share of frames that are another one of the next two to either side
    const char* why;
};
constexpr Allowance none{ "", 0.0, 0, 0.0, "" };
constexpr Allowance allowances[] = {
    { "rotated_90.mov", 2.5, 16, 0.0, "we turn after scaling, the filters before" },
    { "turned.mp4", 2.5, 64, 0.0, "we turn after scaling, the filters before" },
    { "oa4_launch.webm", 0.0, 0, 0.1, "we count from the first frame, it begins 3 ms late" },
    { "hmdb51_Turnk_r_Pippi_Michel_cartwheel_f_cm_np2_le_med_6.avi", 0.0, 0, 1.0,
        "B-frames in AVI have no presentation times; we number them" },
    { "SchoolRulesHowTheyHelpUs_wave_f_nm_np1_ba_med_0.avi", 0.0, 0, 1.0,
        "B-frames in AVI have no presentation times; we number them" },
};
/// Films that cannot be compared: broken ones, of which each program mends another part, and one
/// whose padding the ffmpeg program shows.
constexpr const char* notCompared[] = { "corrupted.mp4", "Shepard_Calais_1906_FrenchGP.ogv" };

const Allowance& allowanceFor(const std::string& name)
{
    const auto* found = std::find_if(std::begin(allowances), std::end(allowances),
        [&](const Allowance& allowance) { return name == allowance.film; });
    return found == std::end(allowances) ? none : *found;
}

QByteArray runFfmpeg(const QStringList& arguments)
{
    QProcess ffmpeg;
    ffmpeg.start(QStringLiteral("ffmpeg"),
        QStringList{ QStringLiteral("-v"), QStringLiteral("quiet"), QStringLiteral("-nostdin") }
            + arguments);
    if (!ffmpeg.waitForFinished(120'000) || ffmpeg.exitCode() != 0)
        return {};
    return ffmpeg.readAllStandardOutput();
}

/// Frames of the first seconds, one after the other.
QByteArray framesOfFfmpeg(const fs::path& film, int stream, const ScaledAndCropped& geometry)
{
    const QString filter = QStringLiteral("fps=%1,scale=%2:%3,crop=%4:%4:%5:%6")
                               .arg(fps)
                               .arg(geometry.scaledWidth)
                               .arg(geometry.scaledHeight)
                               .arg(size)
                               .arg(geometry.cropX)
                               .arg(geometry.cropY);
    return runFfmpeg({ QStringLiteral("-i"), QString::fromStdString(film.string()),
        QStringLiteral("-map"), QStringLiteral("0:%1").arg(stream), QStringLiteral("-vf"), filter,
        QStringLiteral("-frames:v"), QString::number(mostSeconds * fps), QStringLiteral("-pix_fmt"),
        QStringLiteral("rgb24"), QStringLiteral("-f"), QStringLiteral("rawvideo"),
        QStringLiteral("-") });
}

struct Difference
{
    double mean = 0.0;
    int largest = 0;
};

Difference differenceOf(const std::uint8_t* a, const std::uint8_t* b)
{
    std::int64_t total = 0;
    Difference result;
    for (std::size_t i = 0; i < frameBytes; ++i) {
        const int difference = std::abs(int{ a[i] } - int{ b[i] });
        total += difference;
        result.largest = std::max(result.largest, difference);
    }
    result.mean = static_cast<double>(total) / static_cast<double>(frameBytes);
    return result;
}

/// All frames of the first seconds by FrameSampler, one after the other.
std::vector<std::uint8_t> framesOfOurs(FrameSampler& sampler)
{
    std::vector<std::uint8_t> frames;
    for (std::int64_t s = 0; s < mostSeconds; ++s) {
        const auto second = sampler.next();
        if (!second || !*second)
            break;
        const auto bytes
            = static_cast<std::ptrdiff_t>(frameBytes * static_cast<std::size_t>((*second)->frames));
        frames.insert(frames.end(), (*second)->rgb.begin(), (*second)->rgb.begin() + bytes);
    }
    return frames;
}

void compareWithFfmpeg(const fs::path& film, const Allowance& allowed)
{
    const auto inspected = inspect(film);
    QVERIFY_RESULT(inspected);
    const VideoInfo& info = inspected->info;
    auto sampler = FrameSampler::open(film, s3dPlan());
    QVERIFY_RESULT(sampler);
    const bool isTurned = info.rotationDegrees % 180 != 0;
    const int width = isTurned ? info.storedHeightPixels : info.storedWidthPixels;
    const int height = isTurned ? info.storedWidthPixels : info.storedHeightPixels;
    const QByteArray theirs = framesOfFfmpeg(
        film, inspected->index.streamIndex(), scaledAndCropped(width, height, size));
    const auto ours = framesOfOurs(*sampler);
    const auto theirCount
        = static_cast<std::int64_t>(static_cast<std::size_t>(theirs.size()) / frameBytes);
    const auto count = static_cast<std::int64_t>(ours.size() / frameBytes);
    QVERIFY(theirCount > 0);
    QVERIFY(std::abs(count - theirCount) <= (allowed.shifted > 0.0 ? 1 : 0));
    std::int64_t shifted = 0;
    for (std::int64_t i = 0; i < std::min(count, theirCount); ++i) {
        const auto frameOfTheirs = [&](std::int64_t at) {
            return reinterpret_cast<const std::uint8_t*>(theirs.constData())
                + static_cast<std::size_t>(at) * frameBytes;
        };
        const auto* frame = ours.data() + static_cast<std::size_t>(i) * frameBytes;
        const Difference difference = differenceOf(frame, frameOfTheirs(i));
        if (difference.mean <= allowed.mean && difference.largest <= allowed.largest)
            continue;
        bool isNeighbour = false;
        for (const std::int64_t at : { i - 2, i - 1, i + 1, i + 2 })
            isNeighbour = isNeighbour
                || (at >= 0 && at < theirCount
                    && differenceOf(frame, frameOfTheirs(at)).largest <= allowed.largest);
        QVERIFY2(isNeighbour,
            qPrintable(QStringLiteral("frame %1: mean difference %2, largest %3")
                           .arg(i)
                           .arg(difference.mean)
                           .arg(difference.largest)));
        ++shifted;
    }
    QVERIFY2(static_cast<double>(shifted) <= allowed.shifted * static_cast<double>(count),
        qPrintable(QStringLiteral("%1 of %2 frames are neighbours").arg(shifted).arg(count)));
}

} // namespace

/// S3D's preprocessing against the ffmpeg program's filters, which the reference runs.
class TestPreprocessing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("ffmpeg")).isEmpty())
            QSKIP("the ffmpeg program is not installed");
    }
    void init() { test::failOnAnyWarning(); }

    void givesTheFramesOfTheFiltersOnMadeFilms_data();
    void givesTheFramesOfTheFiltersOnMadeFilms();
    void givesTheFramesOfTheFiltersOnRealFilms_data();
    void givesTheFramesOfTheFiltersOnRealFilms();
};

void TestPreprocessing::givesTheFramesOfTheFiltersOnMadeFilms_data()
{
    QTest::addColumn<QString>("source"); // of FFmpeg's test picture
    QTest::addColumn<QString>("options");
    const auto row = [](const char* film, const char* source, const char* options) {
        QTest::newRow(film) << QString::fromLatin1(source) << QString::fromLatin1(options);
    };
    row("12fps.mp4", "testsrc2=s=320x240:r=12:d=2.5", "-c:v mpeg4 -q:v 3");
    row("24fps.mkv", "testsrc2=s=426x240:r=24:d=2.2", "-c:v mpeg4 -q:v 3");
    row("50fps.mp4", "testsrc2=s=320x240:r=50:d=2.5", "-c:v mpeg4 -q:v 3");
    row("60fps.mkv", "testsrc2=s=240x320:r=60:d=2.5", "-c:v mpeg4 -q:v 3");
    row("30000-1001.mkv", "testsrc2=s=320x240:r=30000/1001:d=2.5", "-c:v mpeg4 -q:v 3");
    row("short.mkv", "testsrc2=s=320x240:r=25:d=0.4", "-c:v mpeg4 -q:v 3");
    row("one-frame.mkv", "testsrc2=s=320x240:r=25:d=0.04", "-c:v mpeg4 -q:v 3");
    row("odd.mkv", "testsrc2=s=321x243:r=25:d=1.2", "-c:v ffv1 -pix_fmt yuv420p");
    row("odd444.mkv", "testsrc2=s=229x411:r=25:d=1.2", "-c:v ffv1 -pix_fmt yuv444p");
    row("10bit.mkv", "testsrc2=s=320x240:r=25:d=1.2", "-c:v ffv1 -pix_fmt yuv420p10le");
    row("rgb.mkv", "testsrc2=s=320x240:r=25:d=1.2", "-c:v ffv1 -pix_fmt bgr0");
    row("grey.mkv", "testsrc2=s=320x240:r=25:d=1.2", "-c:v ffv1 -pix_fmt gray");
    row("full-range.mkv", "testsrc2=s=320x240:r=25:d=1.2",
        "-c:v ffv1 -pix_fmt yuv420p -color_range pc");
    row("interlaced.mpg", "testsrc2=s=320x240:r=25:d=2",
        "-c:v mpeg2video -q:v 3 -flags +ilme+ildct -top 1 -bf 2");
    row("large.mkv", "testsrc2=s=1920x1080:r=25:d=0.6", "-c:v mpeg4 -q:v 3");
    row("small.mkv", "testsrc2=s=64x48:r=25:d=1.2", "-c:v mpeg4 -q:v 3");
    row("turned.mp4", "testsrc2=s=320x240:r=25:d=1.2", "-c:v mpeg4 -q:v 3 -metadata:s:v rotate=90");
}

void TestPreprocessing::givesTheFramesOfTheFiltersOnMadeFilms()
{
    QFETCH(QString, source);
    QFETCH(QString, options);
    const QTemporaryDir folder;
    const QString film = folder.filePath(QString::fromLatin1(QTest::currentDataTag()));
    runFfmpeg(
        QStringList{ QStringLiteral("-f"), QStringLiteral("lavfi"), QStringLiteral("-i"), source }
        + options.split(QLatin1Char(' ')) + QStringList{ film });
    QVERIFY(QFile::exists(film));
    compareWithFfmpeg(film.toStdString(), allowanceFor(QTest::currentDataTag()));
}

void TestPreprocessing::givesTheFramesOfTheFiltersOnRealFilms_data()
{
    QTest::addColumn<QString>("film");
    std::error_code error;
    std::vector<fs::path> films;
    for (const auto& entry : fs::recursive_directory_iterator(test::dataFolder() / "clips", error))
        if (entry.is_regular_file())
            films.push_back(entry.path());
    std::sort(films.begin(), films.end());
    for (const auto& film : films)
        QTest::newRow(film.filename().c_str()) << QString::fromStdString(film.string());
    if (films.empty())
        QTest::newRow("none") << QString();
}

void TestPreprocessing::givesTheFramesOfTheFiltersOnRealFilms()
{
    QFETCH(QString, film);
    if (film.isEmpty())
        QSKIP("the sample clips are not there");
    const std::string name = fs::path(film.toStdString()).filename();
    for (const char* other : notCompared)
        if (name == other)
            QSKIP("not to be compared, see above");
    compareWithFfmpeg(film.toStdString(), allowanceFor(name));
}

QTEST_GUILESS_MAIN(TestPreprocessing)
#include "tst_preprocessing.moc"
