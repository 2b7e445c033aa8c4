#pragma once

#include "base/result.h"

#include <QByteArray>
#include <QRegularExpression>
#include <QtTest>

#include <cstdlib>
#include <filesystem>

/// QVERIFY for a Result, evaluated once: prints the Error when there is one.
#define QVERIFY_RESULT(result)                                                                     \
    do {                                                                                           \
        const auto& checkedResult = (result);                                                      \
        QVERIFY2(checkedResult.has_value(),                                                        \
            checkedResult.has_value() ? "" : checkedResult.error().toString().c_str());            \
    } while (false)

/// QVERIFY that a Result, evaluated once, is an error of the given kind.
#define QVERIFY_ERROR(result, wantedKind)                                                          \
    do {                                                                                           \
        const auto& checkedResult = (result);                                                      \
        QVERIFY2(!checkedResult.has_value(), "an error was expected");                             \
        QVERIFY2(                                                                                  \
            checkedResult.error().kind == (wantedKind), checkedResult.error().toString().c_str()); \
    } while (false)

namespace clipscope::test {

/// Makes any warning printed while a test runs a failure; called by every init().
inline void failOnAnyWarning()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

/// Folder of the parity fixtures: $CLIPSCOPE_FIXTURES, else ../shared/fixtures beside the sources.
inline std::filesystem::path fixturesFolder()
{
    if (const char* folder = std::getenv("CLIPSCOPE_FIXTURES"))
        return folder;
    return std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / ".." / "shared" / "fixtures";
}

/// Folder of the real sample data: $CLIPSCOPE_DATA, else ../shared/data beside the sources.
inline std::filesystem::path dataFolder()
{
    if (const char* folder = std::getenv("CLIPSCOPE_DATA"))
        return folder;
    return std::filesystem::path(CLIPSCOPE_SOURCE_DIR) / ".." / "shared" / "data";
}

} // namespace clipscope::test
