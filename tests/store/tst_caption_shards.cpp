#include "store/caption_shards.h"

#include "base/files.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <algorithm>
#include <limits>

using namespace clipscope;
using store::CaptionShard;
using store::CaptionShardWriter;

namespace {

Result<void> writeThree(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(auto writer, CaptionShardWriter::create(file));
    store::CaptionTable table;
    table.add(0.25, 2.0, std::vector<std::int32_t>{ 5, 6, 7 });
    table.add(1.5, 15.99999999, {});
    table.add(3.0, 4.0, std::vector<std::int32_t>{ 8 });
    CLIP_TRY(writer.append(12, "first.mp4", "0123456789abcdef", table.list()));
    table.clear();
    table.add(7.0, 9.0, std::vector<std::int32_t>{ 1, 2 });
    CLIP_TRY(writer.append(-3, "zwéi", {}, table.list()));
    CLIP_TRY(writer.append(14, {}, "h", {}));
    return writer.commit({ "fingerprint", "content" });
}

std::vector<std::int32_t> idsOf(const store::TokenCaption& caption)
{
    return { caption.ids.begin(), caption.ids.end() };
}

} // namespace

class TestCaptionShards final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::filesystem::path path(const char* name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    Status writeBytes(const std::filesystem::path& file, std::string bytes) const
    {
        return writeFileAtomically(file, bytes);
    }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void givesBackWhatWasWritten()
    {
        const auto file = path("new/folder/a.shard");
        QVERIFY_RESULT(writeThree(file));
        const auto shard = CaptionShard::open(file);
        QVERIFY_RESULT(shard);
        QVERIFY((shard->origin() == store::CaptionOrigin{ "fingerprint", "content" }));
        QCOMPARE(shard->videoCount(), std::int64_t(3));
        QCOMPARE(shard->captionCount(), std::int64_t(4));
        QCOMPARE(shard->tokenCount(), std::int64_t(6));
        const store::ShardVideo first = shard->video(0), second = shard->video(1);
        QCOMPARE(first.videoId, std::int64_t(12));
        QCOMPARE(first.name, std::string_view("first.mp4"));
        QCOMPARE(first.contentHash, std::string_view("0123456789abcdef"));
        QCOMPARE(first.captions.size(), std::size_t(3));
        QCOMPARE(first.captions[0].startSeconds, 0.25);
        QCOMPARE(first.captions[1].stopSeconds, 15.99999999);
        QCOMPARE(idsOf(first.captions[0]), (std::vector<std::int32_t>{ 5, 6, 7 }));
        QVERIFY(first.captions[1].ids.empty());
        QCOMPARE(idsOf(first.captions[2]), (std::vector<std::int32_t>{ 8 }));
        QCOMPARE(second.videoId, std::int64_t(-3));
        QCOMPARE(second.name, std::string_view("zwéi"));
        QCOMPARE(second.contentHash, std::string_view());
        QCOMPARE(idsOf(second.captions[0]), (std::vector<std::int32_t>{ 1, 2 }));
        QVERIFY(shard->video(2).captions.empty());
        for (std::int64_t at = 0; at < 3; ++at) {
            QVERIFY_RESULT(shard->check(at));
            QCOMPARE(shard->videoId(at), shard->video(at).videoId);
        }
    }

    void nothingIsThereBeforeTheCommit()
    {
        const auto file = path("kept/b.shard");
        QVERIFY_RESULT(writeThree(file));
        {
            auto writer = CaptionShardWriter::create(file);
            QVERIFY_RESULT(writer);
            QVERIFY_RESULT(writer->append(1, "x", {}, {}));
        }
        const auto shard = CaptionShard::open(file);
        QVERIFY_RESULT(shard);
        QCOMPARE(shard->videoCount(), std::int64_t(3));
        const auto entries = std::filesystem::directory_iterator(file.parent_path());
        QCOMPARE(std::distance(begin(entries), end(entries)), std::ptrdiff_t(1));
    }

    void rejectsAFileCutOffAnywhere()
    {
        QVERIFY_RESULT(writeThree(path("whole.shard")));
        const auto whole = readFile(path("whole.shard"));
        QVERIFY_RESULT(whole);
        for (std::size_t length = 0; length < whole->size(); ++length) {
            QVERIFY_RESULT(writeBytes(path("cut.shard"), whole->substr(0, length)));
            QVERIFY_ERROR(CaptionShard::open(path("cut.shard")), ErrorKind::BadInput);
        }
    }

    void findsEveryChangedByte()
    {
        QVERIFY_RESULT(writeThree(path("whole.shard")));
        const auto whole = readFile(path("whole.shard"));
        QVERIFY_RESULT(whole);
        int inCaptions = 0;
        for (std::size_t at = 12; at < whole->size(); ++at) {
            std::string changed = *whole;
            changed[at] = static_cast<char>(changed[at] ^ 0x5A);
            QVERIFY_RESULT(writeBytes(path("changed.shard"), changed));
            const auto shard = CaptionShard::open(path("changed.shard"));
            if (!shard)
                continue;
            // What the captions say now is not true, but it is inside the file.
            bool found = false;
            for (std::int64_t video = 0; video < shard->videoCount(); ++video) {
                const store::ShardVideo view = shard->video(video);
                for (std::size_t caption = 0; caption < view.captions.size(); ++caption)
                    QVERIFY(view.captions[caption].ids.size() <= view.captions.ids().size());
                const auto status = shard->check(video);
                if (!status) {
                    found = true;
                    QCOMPARE(status.error().kind, ErrorKind::BadInput);
                    QCOMPARE(status.error().place.file, path("changed.shard"));
                }
            }
            inCaptions += found ? 1 : 0;
            // Bytes 12 to 15 and those that fill up a video mean nothing.
            QVERIFY2(found || at < 16 || (*whole)[at] == '\0', qPrintable(QString::number(at)));
        }
        QVERIFY(inCaptions > 100);
    }

    void rejectsWhatIsNoShardAndNewerOnes()
    {
        QVERIFY_ERROR(CaptionShard::open(path("none.shard")), ErrorKind::NotFound);
        QVERIFY_RESULT(writeBytes(path("text.shard"), std::string(500, 'x')));
        QVERIFY_ERROR(CaptionShard::open(path("text.shard")), ErrorKind::BadInput);
        QVERIFY_RESULT(writeThree(path("newer.shard")));
        auto bytes = readFile(path("newer.shard"));
        QVERIFY_RESULT(bytes);
        (*bytes)[8] = 2;
        QVERIFY_RESULT(writeBytes(path("newer.shard"), *bytes));
        QVERIFY_ERROR(CaptionShard::open(path("newer.shard")), ErrorKind::Unsupported);
    }

    void readsTheFilesOfThisVersion()
    {
        const auto shard = CaptionShard::open(
            std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / "tests/data/formats/captions-1.shard");
        QVERIFY_RESULT(shard);
        QCOMPARE(shard->videoCount(), std::int64_t(3));
        QCOMPARE(idsOf(shard->video(0).captions[0]), (std::vector<std::int32_t>{ 5, 6, 7 }));
        QVERIFY_RESULT(shard->check(0));
    }
};

QTEST_GUILESS_MAIN(TestCaptionShards)
#include "tst_caption_shards.moc"
