#include "base/json.h"
#include "data/caption_tokens.h"
#include "support/verify.h"
#include "tensor/npy.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

using namespace clipscope;

class TestDataLayout final : public QObject
{
    Q_OBJECT

private:
    Json m_layout;
    QTemporaryDir m_folder;

    static std::vector<text::Caption> captionsOf(const Json& columns)
    {
        std::vector<text::Caption> captions;
        for (std::size_t at = 0; at < columns["text"].size(); ++at) {
            const Json& text = columns["text"][at];
            captions.push_back(
                { columns["start"][at].get<double>(), columns["end"][at].get<double>(),
                    text.is_string() ? text.get<std::string>() : std::string() });
        }
        return captions;
    }
    Result<store::CaptionShard> makeShard() const
    {
        CLIP_TRY_ASSIGN(
            const auto words, text::WordPiece::load(test::fixturesFolder() / "vocab.txt"));
        const std::filesystem::path file = m_folder.filePath("a.shard").toStdString();
        CLIP_TRY_ASSIGN(auto writer, store::CaptionShardWriter::create(file));
        store::CaptionTable table;
        for (const Json& id : m_layout["shard_video_ids"]) {
            const auto name = id.get<std::string>();
            data::tokenise(captionsOf(m_layout["captions"][name]), 0, words, {}, table);
            CLIP_TRY(writer.append(writer.videoCount(), name, name, table.list()));
        }
        CLIP_TRY(writer.commit({ "f", "c" }));
        return store::CaptionShard::open(file);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const auto path = test::fixturesFolder() / "data_layout.json";
        if (!std::filesystem::exists(path))
            QSKIP("the parity fixtures are not here; set CLIPSCOPE_FIXTURES");
        const auto layout = readJson(path);
        QVERIFY_RESULT(layout);
        m_layout = *layout;
    }
    void init() { test::failOnAnyWarning(); }

    void aShardGivesBackWhatTheReferenceReads()
    {
        const auto shard = makeShard();
        QVERIFY_RESULT(shard);
        const Json& expected = m_layout["read_back"];
        QCOMPARE(std::size_t(shard->videoCount()), expected.size());
        for (std::size_t video = 0; video < expected.size(); ++video) {
            const auto captions = shard->video(static_cast<std::int64_t>(video)).captions;
            QCOMPARE(captions.size(), expected[video]["cap"].size());
            for (std::size_t at = 0; at < captions.size(); ++at) {
                const auto ids = expected[video]["cap"][at].get<std::vector<std::int32_t>>();
                QCOMPARE(
                    std::vector<std::int32_t>(captions[at].ids.begin(), captions[at].ids.end()),
                    ids);
                // The reference keeps float32.
                QCOMPARE(static_cast<float>(captions[at].startSeconds),
                    expected[video]["start"][at].get<float>());
                QCOMPARE(static_cast<float>(captions[at].stopSeconds),
                    expected[video]["end"][at].get<float>());
            }
        }
    }

    void aShardHoldsTheNumbersOfTheReferencesFiles()
    {
        const auto shard = makeShard();
        QVERIFY_RESULT(shard);
        const auto read = [](const char* name) {
            return tensor::readNpy(
                test::fixturesFolder() / ("shard_captions.train_0." + std::string(name) + ".npy"));
        };
        const auto ids = read("caps_ids_data"), starts = read("caps_ids_starts");
        QVERIFY_RESULT(ids);
        QVERIFY_RESULT(starts);
        QCOMPARE(starts->numel(), shard->videoCount() + 1);
        const at::Tensor rows = ids->reshape({ -1, 32 }); // padded with -1
        std::int64_t row = 0;
        for (std::int64_t video = 0; video < shard->videoCount(); ++video) {
            const auto captions = shard->video(video).captions;
            for (std::size_t at = 0; at < captions.size(); ++at, ++row) {
                const at::Tensor kept = rows[row].masked_select(rows[row].ge(0));
                const auto* first = kept.const_data_ptr<std::int32_t>();
                QVERIFY(std::ranges::equal(
                    captions[at].ids, std::span(first, static_cast<std::size_t>(kept.numel()))));
            }
        }
        QCOMPARE(row, rows.size(0));
    }
};

QTEST_GUILESS_MAIN(TestDataLayout)
#include "tst_data_layout.moc"
