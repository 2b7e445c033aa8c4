#include "base/files.h"
#include "support/verify.h"
#include "text/word_piece.h"

#include <QTemporaryDir>

using namespace clipscope;
using text::WordPiece;

namespace {

constexpr std::string_view vocabulary
    = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
      "cut\nthe\non\n##ion\n##s\n,\ne\n##e\n\xCF\x83\n\xE4\xB8\xAD\n";

using Ids = std::vector<std::int32_t>;

} // namespace

class TestWordPiece final : public QObject
{
    Q_OBJECT

private:
    WordPiece m_words = std::move(*WordPiece::fromText(vocabulary));

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void cutsWordsIntoTheLongestPiecesFromTheLeft()
    {
        QCOMPARE(m_words.ids("Cut the onions, on"), (Ids{ 5, 6, 7, 8, 9, 10, 7 }));
    }

    void aWordWithARestThatIsNoPieceIsUnknownAsAWhole()
    {
        QCOMPARE(m_words.ids("cut cutx"), (Ids{ 5, 1 }));
    }

    void literalSpecialTokensBecomeTheirIds()
    {
        QCOMPARE(m_words.ids("cut[SEP]the [sep"), (Ids{ 5, 3, 6, 1, 1 }));
    }

    void accentsAndCaseDoNotCount()
    {
        QCOMPARE(m_words.ids("\xC3\x89\xC3\xA9 e\xCC\x81"), (Ids{ 11, 12, 11 }));
    }

    void aCapitalSigmaNeverBecomesTheFinalOne() { QCOMPARE(m_words.ids("\xCE\xA3"), (Ids{ 13 })); }

    void ideographsAreWordsOfTheirOwn()
    {
        QCOMPARE(m_words.ids("cut\xE4\xB8\xAD\xE4\xB8\xADs"), (Ids{ 5, 14, 14, 1 }));
    }

    void wordsOverAHundredCharactersAreUnknown()
    {
        const std::string accented = [] {
            std::string word;
            for (int i = 0; i < 100; ++i)
                word += "\xC3\xA9";
            return word;
        }();
        QCOMPARE(m_words.ids(accented).size(), std::size_t(100));
        QCOMPARE(m_words.ids(accented + "e"), (Ids{ 1 }));
    }

    void bytesThatAreNotUtf8Vanish()
    {
        QCOMPARE(m_words.ids("cu\xFFt th\xC3 e\xE4\xB8"), (Ids{ 5, 1, 11 }));
        std::string bytes;
        for (int first = 0; first < 256; ++first)
            for (int second = 0; second < 256; ++second) {
                bytes = { static_cast<char>(first), static_cast<char>(second), 'x' };
                for (const std::int32_t id : m_words.ids(bytes))
                    QVERIFY(id >= 0 && id < m_words.size());
            }
    }

    void stopsAtTheLimit()
    {
        Ids out{ 42 };
        m_words.append("the the the the", out, 3);
        QCOMPARE(out, (Ids{ 42, 6, 6 }));
    }

    void keepsTheVocabularyForCheckpoints()
    {
        QCOMPARE(m_words.vocabularyText(), std::string(vocabulary));
        QCOMPARE(std::string(m_words.token(8)), std::string("##ion"));
        QCOMPARE(m_words.size(), std::int64_t(15));
        const auto again = WordPiece::fromText(m_words.vocabularyText());
        QVERIFY_RESULT(again);
        QCOMPARE(again->clsId(), 2);
        QCOMPARE(again->sepId(), 3);
        QCOMPARE(again->padId(), 0);
    }

    void aVocabularyWithWindowsLineEndsIsTheSame()
    {
        std::string windows;
        for (const char c : vocabulary) {
            if (c == '\n')
                windows.push_back('\r');
            windows.push_back(c);
        }
        const auto words = WordPiece::fromText(windows);
        QVERIFY_RESULT(words);
        QCOMPARE(words->ids("onions"), (Ids{ 7, 8, 9 }));
    }

    void refusesAFileThatIsNoVocabulary()
    {
        QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath("vocab.txt").toStdString();
        QVERIFY_ERROR(WordPiece::load(path), ErrorKind::NotFound);
        QVERIFY_RESULT(writeFileAtomically(path, "some\nwords\n"));
        const auto words = WordPiece::load(path);
        QVERIFY_ERROR(words, ErrorKind::BadInput);
        QCOMPARE(words.error().message, std::string("The vocabulary of 2 tokens has no [UNK]."));
        QCOMPARE(words.error().place.file, path);
    }

    void tenThousandWordsAreNoProblem()
    {
        std::string query;
        for (int i = 0; i < 10000; ++i)
            query += "onions ";
        QCOMPARE(m_words.ids(query).size(), std::size_t(30000));
    }
};

QTEST_GUILESS_MAIN(TestWordPiece)
#include "tst_word_piece.moc"
