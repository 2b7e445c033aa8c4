#include "base/files.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "base/sha256.h"
#include "support/full_disk.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <fstream>
#include <new>
#include <stdexcept>

#include <csignal>

#include <sys/resource.h>

using namespace clipscope;

class TestFiles final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsBackWhatWasWritten()
    {
        const auto path = inside("a.txt");
        QVERIFY_RESULT(writeFileAtomically(path, "one"));
        QVERIFY_RESULT(writeFileAtomically(path, std::string("two\0three", 9)));
        const auto content = readFile(path);
        QVERIFY_RESULT(content);
        QCOMPARE(*content, std::string("two\0three", 9));
        QCOMPARE(filesInside(), 1);
    }

    void anUncommittedFileLeavesNoTrace()
    {
        const auto path = inside("a.txt");
        QVERIFY_RESULT(writeFileAtomically(path, "old"));
        {
            auto file = AtomicFile::create(path);
            QVERIFY_RESULT(file);
            QVERIFY_RESULT(file->write("new"));
        }
        QCOMPARE(*readFile(path), std::string("old"));
        QCOMPARE(filesInside(), 1);
    }

    void aFullDiskKeepsTheOldFileAndSaysWhatToDo()
    {
        const auto path = inside("a.txt");
        QVERIFY_RESULT(writeFileAtomically(path, "old"));
        Status status;
        {
            const test::FullDisk disk(4096);
            status = writeFileAtomically(path, std::string(100'000, 'x'));
        }
        QVERIFY_ERROR(status, ErrorKind::Io);
        QVERIFY(!status.error().hint.empty());
        QCOMPARE(*readFile(path), std::string("old"));
        QCOMPARE(filesInside(), 1);
    }

    void missingAndTooLargeFilesAreToldApart()
    {
        QVERIFY_ERROR(readFile(inside("none")), ErrorKind::NotFound);
        QVERIFY_ERROR(MappedFile::open(inside("none")), ErrorKind::NotFound);
        QVERIFY_RESULT(writeFileAtomically(inside("a"), "12345"));
        QVERIFY_ERROR(readFile(inside("a"), 4), ErrorKind::BadInput);
        QVERIFY_RESULT(readFile(inside("a"), 5));
        QVERIFY_ERROR(MappedFile::open(m_folder->path().toStdString()), ErrorKind::Io);
    }

    void mapsWhatIsThere()
    {
        QVERIFY_RESULT(writeFileAtomically(inside("a"), "mapped"));
        auto mapped = MappedFile::open(inside("a"));
        QVERIFY_RESULT(mapped);
        MappedFile moved = std::move(*mapped);
        QCOMPARE(
            std::string(reinterpret_cast<const char*>(moved.bytes().data()), moved.bytes().size()),
            std::string("mapped"));
        QVERIFY_RESULT(writeFileAtomically(inside("empty"), ""));
        QVERIFY(MappedFile::open(inside("empty"))->bytes().empty());
    }

    void aSecondLockIsAConflictThatNamesTheProcess()
    {
        auto first = FileLock::acquire(inside("lock"));
        QVERIFY_RESULT(first);
        const auto second = FileLock::acquire(inside("lock"));
        QVERIFY_ERROR(second, ErrorKind::Conflict);
        QVERIFY(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
        first = fail(ErrorKind::Internal, "released");
        QVERIFY_RESULT(FileLock::acquire(inside("lock")));
    }

    void hashesAreTheSameFromMemoryAndFromDisk()
    {
        // Published XXH3-128 value of the empty input.
        QCOMPARE(hashOf(""), std::string("99aa06d3014798d86001c324468d497f"));
        QVERIFY_RESULT(writeFileAtomically(inside("a"), "content"));
        QCOMPARE(*hashOfFile(inside("a")), hashOf("content"));
        QVERIFY_ERROR(hashOfFile(inside("none")), ErrorKind::NotFound);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_ERROR(hashOfFile(inside("a"), stop.get_token()), ErrorKind::Cancelled);
    }

    void whatALibraryThrowsBecomesAnError()
    {
        QCOMPARE(*guarded([] { return 7; }), 7);
        QVERIFY_RESULT(guarded([] {}));
        const auto memory = guarded([]() -> Result<int> { throw std::bad_alloc(); });
        QVERIFY_ERROR(memory, ErrorKind::OutOfMemory);
        const auto internal
            = guarded([]() -> Status { throw std::runtime_error("first line\nstack trace"); });
        QVERIFY_ERROR(internal, ErrorKind::Internal);
        QCOMPARE(internal.error().message, std::string("first line"));
    }

    void sha256IsThatOfThePublishedExamples()
    {
        QVERIFY_RESULT(writeFileAtomically(inside("abc"), "abc"));
        QCOMPARE(sha256OfFile(inside("abc")).value_or(""),
            std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QVERIFY_RESULT(writeFileAtomically(inside("long"), std::string(1'000'000, 'a')));
        QCOMPARE(sha256OfFile(inside("long")).value_or(""),
            std::string("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
        QVERIFY_ERROR(sha256OfFile(inside("none")), ErrorKind::NotFound);
    }

    void cleanup() { m_folder = std::make_unique<QTemporaryDir>(); }

private:
    std::filesystem::path inside(const char* name) const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    int filesInside() const
    {
        return static_cast<int>(
            QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden).size());
    }
    std::unique_ptr<QTemporaryDir> m_folder = std::make_unique<QTemporaryDir>();
};

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
