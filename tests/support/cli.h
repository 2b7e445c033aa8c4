#pragma once

#include "base/json.h"

#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>

#include <cstdlib>
#include <string>

namespace clipscope::test {

/// What one call of the program gave.
struct CliAnswer
{
    int exitCode = -1; ///< -1: it crashed, could not be started or took longer than two minutes
    std::string output, errors; ///< standard output and standard error
    /// The output as JSON; null when it is none.
    Json json() const { return parseJson(output).value_or(Json()); }
};

/// The program as a user runs it: $CLIPSCOPE_CLI, set by clip_test().
inline CliAnswer runCli(const QStringList& arguments,
    const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment())
{
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(QString::fromLocal8Bit(qgetenv("CLIPSCOPE_CLI")), arguments);
    CliAnswer answer;
    if (process.waitForFinished(120'000) && process.exitStatus() == QProcess::NormalExit)
        answer.exitCode = process.exitCode();
    answer.output = process.readAllStandardOutput().toStdString();
    answer.errors = process.readAllStandardError().toStdString();
    return answer;
}

} // namespace clipscope::test
