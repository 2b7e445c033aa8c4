#include "support/verify.h"
#include "text/unicode.h"

using namespace clipscope;

class TestUnicode final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsEveryEncodingOfAFile_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        const QByteArray utf8 = "caf\xC3\xA9 \xF0\x9F\x8D\x9E";
        QTest::newRow("UTF-8") << utf8;
        QTest::newRow("UTF-8 with mark") << QByteArray("\xEF\xBB\xBF") + utf8;
        const QString text = QString::fromUtf8(utf8);
        QByteArray little("\xFF\xFE", 2), big("\xFE\xFF", 2);
        for (const QChar unit : text) {
            const char low = static_cast<char>(unit.unicode() & 0xFF);
            const char high = static_cast<char>(unit.unicode() >> 8);
            little.append(low).append(high);
            big.append(high).append(low);
        }
        QTest::newRow("UTF-16 LE") << little;
        QTest::newRow("UTF-16 BE") << big;
    }

    void readsEveryEncodingOfAFile()
    {
        QFETCH(QByteArray, bytes);
        QCOMPARE(text::utf8FromFileContent(bytes.toStdString()),
            std::string("caf\xC3\xA9 \xF0\x9F\x8D\x9E"));
    }

    void takesOtherBytesForWindows1252()
    {
        QCOMPARE(
            text::utf8FromFileContent("caf\xE9 \x80"), std::string("caf\xC3\xA9 \xE2\x82\xAC"));
    }

    void halfASurrogatePairIsReplaced()
    {
        QCOMPARE(text::utf8FromFileContent(std::string_view("\xFF\xFE\x3D\xD8z\0", 6)),
            std::string("\xEF\xBF\xBDz"));
    }

    void decodesWhatItEncodes()
    {
        for (char32_t c = 0; c <= 0x10FFFF; ++c) {
            if (c >= 0xD800 && c < 0xE000)
                continue;
            std::string bytes;
            text::appendCodePoint(bytes, c);
            std::size_t at = 0;
            if (text::nextCodePoint(bytes, at) != c || at != bytes.size())
                QFAIL(qPrintable(QString::number(c, 16)));
        }
    }

    void refusesOverlongFormsAndSurrogates_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        for (const char* bytes : { "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                 "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\x80" })
            QTest::newRow(QByteArray(bytes).toHex().constData()) << QByteArray(bytes);
    }

    void refusesOverlongFormsAndSurrogates()
    {
        QFETCH(QByteArray, bytes);
        std::size_t at = 0;
        const std::string text = bytes.toStdString();
        QCOMPARE(text::nextCodePoint(text, at), text::invalidCodePoint);
        QVERIFY(at > 0 && at <= text.size());
    }

    void stripsUnicodeSpaceAtBothEnds()
    {
        QCOMPARE(std::string(text::stripped("\xC2\xA0\xE3\x80\x80 a b\t\xE2\x80\xA8\n")),
            std::string("a b"));
        QCOMPARE(std::string(text::stripped(" \xE3\x80\x80 ")), std::string());
        QCOMPARE(std::string(text::stripped("\x80\x80")), std::string("\x80\x80"));
    }

    void joinsLines() { QCOMPARE(text::onOneLine(" a \r\n b\n\nc "), std::string("a b c")); }

    void countsCodePoints()
    {
        QCOMPARE(text::bytesOfCodePoints("a\xC3\xA9z", 2), std::size_t(3));
        QCOMPARE(text::bytesOfCodePoints("a\xC3\xA9z", 96), std::size_t(4));
        QCOMPARE(text::bytesOfCodePoints("", 3), std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(TestUnicode)
#include "tst_unicode.moc"
