#include "tasks/wordnet.h"

#include "support/verify.h"

#include <QTemporaryDir>

#include <fstream>

using namespace clipscope;

class TestWordnet : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void readsWordsParentsAndGloss();
    void saysWhichLineIsBroken_data();
    void saysWhichLineIsBroken();

private:
    QTemporaryDir m_folder;
    std::filesystem::path write(const std::string& text) const
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / "data.noun";
        std::ofstream(path) << text;
        return path;
    }
};

void TestWordnet::readsWordsParentsAndGloss()
{
    const auto path
        = write("  1 This is the licence.\n"
                "01440764 05 n 02 tench 0 Tinca_tinca 0 003 @ 01439121 n 0000 #m 01440467 "
                "n 0000 %p 07776866 n 0000 | freshwater dace-like game fish; \"he ate it\"  \n");
    const auto synsets = tasks::readSynsets(path);
    QVERIFY_RESULT(synsets);
    QCOMPARE(synsets->size(), std::size_t(1));
    const tasks::Synset& tench = synsets->at(1440764);
    QVERIFY((tench.words == std::vector<std::string>{ "tench", "Tinca tinca" }));
    QVERIFY((tench.hypernyms == std::vector<std::int64_t>{ 1439121 }));
    QCOMPARE(tench.gloss, std::string("freshwater dace-like game fish"));
}

void TestWordnet::saysWhichLineIsBroken_data()
{
    QTest::addColumn<QString>("line");
    for (const char* line : { "no gloss at all", "x | gloss", "01440764 05 n zz tench 0 000 | g",
             "01440764 05 n 01 tench 0 002 @ 01439121 n 0000 | g", "01440764 05 n ff a 0 | g" })
        QTest::addRow("%s", line) << QString(line);
}

void TestWordnet::saysWhichLineIsBroken()
{
    QFETCH(QString, line);
    const auto synsets = tasks::readSynsets(
        write("01440764 05 n 01 tench 0 000 | a fish\n" + line.toStdString() + "\n"));
    QVERIFY_ERROR(synsets, ErrorKind::BadInput);
    QCOMPARE(synsets.error().place.where, std::string("line 2"));
}

QTEST_GUILESS_MAIN(TestWordnet)
#include "tst_wordnet.moc"
