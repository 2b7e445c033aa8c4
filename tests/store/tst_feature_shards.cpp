#include "base/files.h"
#include "store/feature_shards.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <csignal>
#include <numeric>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace clipscope;
using namespace clipscope::store;

namespace {

constexpr std::int64_t dim = 3;

FeatureManifest manifest(const std::string& fingerprint = "f1")
{
    return { "tiny", fingerprint, dim, { { "frames_per_second", 1 } } };
}

/// Numbers that name their video and place.
std::vector<std::uint16_t> numbers(std::int64_t video, std::int64_t seconds)
{
    std::vector<std::uint16_t> halves(static_cast<std::size_t>(seconds * dim));
    std::iota(halves.begin(), halves.end(), static_cast<std::uint16_t>(video * 1000));
    return halves;
}

Status append(FeatureWriter& writer, std::int64_t video, std::int64_t seconds)
{
    return writer.append(video, "hash" + std::to_string(video), numbers(video, seconds), seconds);
}

void verifyHolds(const FeatureReader& reader, std::int64_t video, std::int64_t seconds)
{
    const auto view = reader.find(video);
    QVERIFY(view.has_value());
    QCOMPARE(view->seconds, seconds);
    QCOMPARE(view->dim, dim);
    QCOMPARE(std::string(view->contentHash), "hash" + std::to_string(video));
    const auto expected = numbers(video, seconds);
    QVERIFY(std::equal(view->halves.begin(), view->halves.end(), expected.begin(), expected.end()));
}

} // namespace

class TestFeatureShards final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = std::filesystem::path(m_temporary->path().toStdString()) / "features";
    }

    void readsBackWhatWasWritten()
    {
        {
            auto writer = FeatureWriter::open(m_folder, manifest());
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(append(*writer, 7, 2));
            QVERIFY_RESULT(append(*writer, 3, 5));
            QVERIFY(writer->contains(7, "hash7"));
            QVERIFY(!writer->contains(7, "other content"));
            QVERIFY(!writer->contains(8, "hash8"));
        }
        const auto reader = FeatureReader::open(m_folder, "f1");
        QVERIFY_RESULT(reader);
        QVERIFY(reader->manifest() == manifest());
        QVERIFY((reader->videoIds() == std::vector<std::int64_t>{ 3, 7 }));
        QCOMPARE(reader->totalSeconds(), 7);
        verifyHolds(*reader, 7, 2);
        verifyHolds(*reader, 3, 5);
        QVERIFY(!reader->find(8).has_value());
    }

    void goesOnAfterReopeningAndOverManyShards()
    {
        for (std::int64_t video = 1; video <= 20; ++video) {
            auto writer = FeatureWriter::open(m_folder, manifest(), OnMismatch::Refuse, 64);
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(append(*writer, video, video));
        }
        const auto reader = FeatureReader::open(m_folder);
        QVERIFY_RESULT(reader);
        QCOMPARE(reader->videoCount(), 20);
        for (std::int64_t video = 1; video <= 20; ++video)
            verifyHolds(*reader, video, video);
        QVERIFY(std::filesystem::exists(m_folder / "shard-00010.f16"));
    }

    void sharesWriteSideBySideAndReadAsOne()
    {
        {
            auto whole = FeatureWriter::open(m_folder, manifest());
            QVERIFY_RESULT(whole);
            QVERIFY_RESULT(append(*whole, 1, 2));
            // While the whole is being written, and each other.
            auto even = FeatureWriter::open(
                m_folder, manifest(), OnMismatch::Rebuild, 1024, Share{ 0, 2 });
            auto odd = FeatureWriter::open(
                m_folder, manifest(), OnMismatch::Rebuild, 1024, Share{ 1, 2 });
            QVERIFY_RESULT(even);
            QVERIFY_RESULT(odd);
            QVERIFY_ERROR(
                FeatureWriter::open(m_folder, manifest(), OnMismatch::Rebuild, 1024, Share{ 1, 2 }),
                ErrorKind::Conflict);
            auto reader = FeatureReader::open(m_folder);
            QVERIFY_RESULT(reader);
            QVERIFY(odd->contains(1, "hash1"));
            QVERIFY_RESULT(append(*even, 2, 3));
            QVERIFY_RESULT(append(*odd, 3, 4));
            QVERIFY(*reader->refresh());
            QVERIFY((reader->videoIds() == std::vector<std::int64_t>{ 1, 2, 3 }));
            verifyHolds(*reader, 1, 2);
            verifyHolds(*reader, 2, 3);
            verifyHolds(*reader, 3, 4);
            QVERIFY(!*reader->refresh());
            auto third = FeatureWriter::open(
                m_folder, manifest(), OnMismatch::Rebuild, 1024, Share{ 2, 3 });
            QVERIFY_RESULT(third);
            QVERIFY_RESULT(append(*third, 5, 1));
            QVERIFY(*reader->refresh()); // a part that was not there before
            verifyHolds(*reader, 5, 1);
        }
        const auto all = FeatureWriter::open(m_folder, manifest());
        QVERIFY_RESULT(all);
        for (const std::int64_t video : { 1, 2, 3, 5 })
            QVERIFY(all->contains(video, "hash" + std::to_string(video)));
    }

    void partsOfSomethingElseDoNotCount()
    {
        for (const std::int64_t share : { 0, 1 }) {
            auto writer = FeatureWriter::open(
                m_folder, manifest(), OnMismatch::Refuse, 1024, Share{ share, 2 });
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(append(*writer, 2 + share, 3));
        }
        // A share alone makes the folder anew; the other part is removed.
        auto writer = FeatureWriter::open(
            m_folder, manifest("f2"), OnMismatch::Rebuild, 1024, Share{ 0, 2 });
        QVERIFY_RESULT(writer);
        QVERIFY(!writer->contains(2, "hash2") && !writer->contains(3, "hash3"));
        QVERIFY_RESULT(append(*writer, 4, 1));
        const auto reader = FeatureReader::open(m_folder, "f2");
        QVERIFY_RESULT(reader);
        QVERIFY((reader->videoIds() == std::vector<std::int64_t>{ 4 }));
        QVERIFY(!std::filesystem::exists(m_folder / "part-1-of-2"));
        QVERIFY_ERROR(
            FeatureWriter::open(m_folder, manifest("f1"), OnMismatch::Refuse, 1024, Share{ 1, 2 }),
            ErrorKind::Conflict);
    }

    void aShareIsWrittenAsIndexAndCount_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("index");
        QTest::addColumn<int>("count");
        QTest::newRow("all") << QString() << 0 << 1;
        QTest::newRow("first") << QStringLiteral("0/4") << 0 << 4;
        QTest::newRow("last") << QStringLiteral("3/4") << 3 << 4;
        for (const char* bad :
            { "4/4", "-1/4", "1", "/", "1/", "/4", "1/0", "a/4", "1/4 ", "1/4/2" })
            QTest::newRow(bad) << QString::fromLatin1(bad) << -1 << -1;
    }
    void aShareIsWrittenAsIndexAndCount()
    {
        QFETCH(QString, text);
        QFETCH(int, index);
        QFETCH(int, count);
        const auto share = parseShare(text.toStdString());
        if (index < 0) {
            QVERIFY_ERROR(share, ErrorKind::BadInput);
            return;
        }
        QVERIFY_RESULT(share);
        QVERIFY((*share == Share{ index, count }));
    }

    void everyVideoIsInOneShare()
    {
        for (std::int64_t video = 1; video < 100; ++video) {
            int shares = 0;
            for (std::int64_t index = 0; index < 7; ++index)
                shares += Share{ index, 7 }.has(video) ? 1 : 0;
            QCOMPARE(shares, 1);
        }
    }

    void takesTheLaterOfTwoVersions()
    {
        auto writer = FeatureWriter::open(m_folder, manifest());
        QVERIFY_RESULT(writer);
        QVERIFY_RESULT(append(*writer, 1, 2));
        QVERIFY_RESULT(writer->append(1, "new content", numbers(9, 4), 4));
        QVERIFY(writer->contains(1, "new content"));
        const auto reader = FeatureReader::open(m_folder);
        QVERIFY_RESULT(reader);
        QCOMPARE(reader->find(1)->seconds, 4);
        QCOMPARE(reader->videoCount(), 1);
    }

    void showsNewVideosToAnOpenReader()
    {
        auto writer = FeatureWriter::open(m_folder, manifest(), OnMismatch::Refuse, 64);
        QVERIFY_RESULT(writer);
        auto reader = FeatureReader::open(m_folder);
        QVERIFY_RESULT(reader);
        QCOMPARE(reader->videoCount(), 0);
        QVERIFY_RESULT(append(*writer, 1, 5));
        QVERIFY(*reader->refresh());
        const auto early = reader->find(1);
        for (std::int64_t video = 2; video < 10; ++video)
            QVERIFY_RESULT(append(*writer, video, 50));
        QVERIFY(*reader->refresh());
        QVERIFY(!*reader->refresh());
        QCOMPARE(reader->videoCount(), 9);
        verifyHolds(*reader, 9, 50);
        QCOMPARE(early->halves[4], std::uint16_t(1004)); // still mapped
    }

    void refusesOtherFingerprintsUnlessToldToRebuild()
    {
        {
            auto writer = FeatureWriter::open(m_folder, manifest());
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(append(*writer, 1, 2));
        }
        QVERIFY_ERROR(FeatureWriter::open(m_folder, manifest("f2")), ErrorKind::Conflict);
        FeatureManifest wider = manifest();
        wider.dim = 4;
        QVERIFY_ERROR(FeatureWriter::open(m_folder, wider), ErrorKind::Conflict);
        QVERIFY_ERROR(FeatureReader::open(m_folder, "f2"), ErrorKind::Conflict);
        auto reader = FeatureReader::open(m_folder, "f1");
        QVERIFY_RESULT(reader);
        {
            auto writer = FeatureWriter::open(m_folder, manifest("f2"), OnMismatch::Rebuild);
            QVERIFY_RESULT(writer);
            QVERIFY(!writer->contains(1, "hash1"));
        }
        verifyHolds(*reader, 1, 2); // the old mapping is still whole
        QVERIFY_ERROR(reader->refresh(), ErrorKind::Conflict);
        QCOMPARE(FeatureReader::open(m_folder, "f2")->videoCount(), 0);
    }

    void keepsOneWriter()
    {
        auto writer = FeatureWriter::open(m_folder, manifest());
        QVERIFY_RESULT(writer);
        const auto second = FeatureWriter::open(m_folder, manifest());
        QVERIFY_ERROR(second, ErrorKind::Conflict);
        QVERIFY(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
    }

    void saysWhenThereIsNothing()
    {
        QVERIFY_ERROR(FeatureReader::open(m_folder), ErrorKind::NotFound);
    }

    void refusesDamagedAndNewerManifests()
    {
        QVERIFY_RESULT(FeatureWriter::open(m_folder, manifest()));
        const auto file = m_folder / "manifest.json";
        const std::string whole = *readFile(file);
        for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
            QVERIFY_RESULT(writeFileAtomically(file, whole.substr(0, size)));
            QVERIFY_ERROR(FeatureReader::open(m_folder), ErrorKind::BadInput);
            QVERIFY_ERROR(FeatureWriter::open(m_folder, manifest()), ErrorKind::BadInput);
        }
        std::string newer = whole;
        newer.replace(newer.find("\"version\": 1"), 12, "\"version\": 9");
        QVERIFY_RESULT(writeFileAtomically(file, newer));
        QVERIFY_ERROR(FeatureReader::open(m_folder), ErrorKind::Unsupported);
        QVERIFY_ERROR(FeatureWriter::open(m_folder, manifest()), ErrorKind::Unsupported);
    }

    void keepsWholeVideosWhenAFileEndsAnywhere_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("records") << QStringLiteral("videos.idx");
        QTest::newRow("numbers") << QStringLiteral("shard-00000.f16");
    }
    void keepsWholeVideosWhenAFileEndsAnywhere()
    {
        QFETCH(QString, name);
        {
            auto writer = FeatureWriter::open(m_folder, manifest());
            QVERIFY_RESULT(writer);
            for (std::int64_t video = 1; video <= 3; ++video)
                QVERIFY_RESULT(append(*writer, video, video + 1));
        }
        const auto file = m_folder / name.toStdString();
        const std::string whole = *readFile(file);
        const std::vector<std::size_t> ends = name.startsWith(QStringLiteral("v"))
            ? std::vector<std::size_t>{ 64, 128, 192 }
            : std::vector<std::size_t>{ 12, 30, 54 };
        QCOMPARE(whole.size(), ends.back());
        const auto copy = m_folder.parent_path() / "copy";
        for (std::size_t size = 0; size <= whole.size(); ++size) {
            std::filesystem::remove_all(copy);
            std::filesystem::copy(m_folder, copy);
            std::filesystem::resize_file(copy / file.filename(), size);
            const auto left = std::count_if(
                ends.begin(), ends.end(), [size](std::size_t end) { return end <= size; });
            const auto reader = FeatureReader::open(copy);
            QVERIFY_RESULT(reader);
            QCOMPARE(reader->videoCount(), std::int64_t(left));
            for (std::int64_t video = 1; video <= left; ++video)
                verifyHolds(*reader, video, video + 1);
            auto writer = FeatureWriter::open(copy, manifest());
            QVERIFY_RESULT(writer);
            for (std::int64_t video = left + 1; video <= 3; ++video)
                QVERIFY(!writer->contains(video, "hash" + std::to_string(video)));
            QVERIFY_RESULT(append(*writer, 9, 6));
            const auto repaired = FeatureReader::open(copy);
            QVERIFY_RESULT(repaired);
            QCOMPARE(repaired->videoCount(), std::int64_t(left + 1));
            for (std::int64_t video = 1; video <= left; ++video)
                verifyHolds(*repaired, video, video + 1);
            verifyHolds(*repaired, 9, 6);
        }
    }

    void leavesOutARecordWithAFlippedBit()
    {
        {
            auto writer = FeatureWriter::open(m_folder, manifest());
            QVERIFY_RESULT(writer);
            for (std::int64_t video = 1; video <= 3; ++video)
                QVERIFY_RESULT(append(*writer, video, 2));
        }
        const std::string whole = *readFile(m_folder / "videos.idx");
        for (std::size_t byte = 64; byte < 128; ++byte) {
            std::string damaged = whole;
            damaged[byte] = static_cast<char>(damaged[byte] ^ 4);
            QVERIFY_RESULT(writeFileAtomically(m_folder / "videos.idx", damaged));
            const auto reader = FeatureReader::open(m_folder);
            QVERIFY_RESULT(reader);
            QVERIFY((reader->videoIds() == std::vector<std::int64_t>{ 1, 3 }));
        }
    }

    void leavesTheFolderAsItWasWhenTheDiskIsFull()
    {
        {
            auto writer = FeatureWriter::open(m_folder, manifest());
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(append(*writer, 1, 2));
        }
        // A process with a file-size limit sees what a full disk shows, without a disk to fill.
        const pid_t child = ::fork();
        if (child == 0) {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{ 4096, 4096 };
            ::setrlimit(RLIMIT_FSIZE, &limit);
            auto writer = FeatureWriter::open(m_folder, manifest());
            if (!writer)
                ::_exit(10);
            const Status status = append(*writer, 2, 5000);
            if (status)
                ::_exit(11);
            if (status.error().kind != ErrorKind::Io || status.error().hint.empty())
                ::_exit(12);
            ::_exit(append(*writer, 3, 2) ? 0 : 13); // a small one still fits
        }
        int state = 0;
        QCOMPARE(::waitpid(child, &state, 0), child);
        QVERIFY(WIFEXITED(state));
        QCOMPARE(WEXITSTATUS(state), 0);
        const auto reader = FeatureReader::open(m_folder);
        QVERIFY_RESULT(reader);
        QVERIFY((reader->videoIds() == std::vector<std::int64_t>{ 1, 3 }));
        verifyHolds(*reader, 1, 2);
        verifyHolds(*reader, 3, 2);
    }

    void holdsWholeVideosAfterAKill()
    {
        for (int round = 0; round < 5; ++round) {
            const pid_t child = ::fork();
            if (child == 0) {
                auto writer = FeatureWriter::open(m_folder, manifest(), OnMismatch::Refuse, 5000);
                for (std::int64_t video = 1; writer; ++video)
                    if (!writer->contains(video, "hash" + std::to_string(video)))
                        (void)append(*writer, video, 1 + video % 40);
                ::_exit(1);
            }
            // The child is killed when it has written something, at whatever it does then.
            const auto recordsFile = m_folder / "videos.idx";
            std::error_code code;
            const auto before = std::filesystem::exists(recordsFile, code)
                ? std::filesystem::file_size(recordsFile, code)
                : 0;
            QTRY_VERIFY(std::filesystem::exists(recordsFile, code)
                && std::filesystem::file_size(recordsFile, code) >= before + 640);
            ::kill(child, SIGKILL);
            int state = 0;
            QCOMPARE(::waitpid(child, &state, 0), child);
            QVERIFY(WIFSIGNALED(state));
            const auto reader = FeatureReader::open(m_folder);
            QVERIFY_RESULT(reader);
            QVERIFY(reader->videoCount() >= 10 * (round + 1));
            for (const std::int64_t video : reader->videoIds())
                verifyHolds(*reader, video, 1 + video % 40);
        }
    }

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_folder;
};

QTEST_GUILESS_MAIN(TestFeatureShards)
#include "tst_feature_shards.moc"
