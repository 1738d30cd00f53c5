import Testing

@testable import Ingest

/// How the mapper does on names of real providers.
@Suite struct RenamesTests {
    struct Score {
        var pairs = 0
        /// Right and all, by band.
        var applied = (0, 0)
        var shown = (0, 0)
        var ignored = (0, 0)
        /// Of names of the same fact: all, applied, applied or shown for it.
        var same = (all: 0, applied: 0, found: 0)
        var mistakes: [String] = []

        init(_ renames: [Rename], named: Bool) {
            for rename in renames {
                let outcome = SchemaMapper.plain.outcome(rename.name, named ? [] : rename.values)
                pairs += 1
                let isSame = rename.truth == .same(rename.truth.target ?? .symbol)
                if isSame { same.all += 1 }
                if let target = outcome.applied {
                    let isRight = rename.truth == .same(target)
                    applied = (applied.0 + (isRight ? 1 : 0), applied.1 + 1)
                    if isRight { same = (same.all, same.applied + 1, same.found + 1) }
                    if !isRight {
                        mistakes.append(
                            "applied \(rename.testDescription) -> \(target.rawValue) \(outcome.match?.confidence ?? 0), truth \(rename.truth)"
                        )
                    }
                } else if let target = outcome.shown {
                    let isRight = rename.truth.target == target
                    shown = (shown.0 + (isRight ? 1 : 0), shown.1 + 1)
                    if isRight, isSame { same.found += 1 }
                    if isSame || !isRight {
                        mistakes.append(
                            "shown   \(rename.testDescription) -> \(target.rawValue) \(outcome.match?.confidence ?? 0), truth \(rename.truth)"
                        )
                    }
                } else {
                    ignored = (ignored.0 + (rename.truth == .nothing ? 1 : 0), ignored.1 + 1)
                    if isSame { mistakes.append("ignored \(rename.testDescription), truth \(rename.truth)") }
                }
            }
        }

        func printed(_ title: String) {
            func share(_ part: (Int, Int)) -> String { part.1 == 0 ? "-" : "\(part.0)/\(part.1) = \(Double(part.0 * 1_000 / part.1) / 10) %" }
            print(
                "\(title): \(pairs) pairs; precision applied \(share(applied)), shown \(share(shown)), ignored \(share(ignored));",
                "recall applied \(share((same.applied, same.all))), applied or shown \(share((same.found, same.all)))"
            )
            for mistake in mistakes { print("    \(mistake)") }
        }
    }

    @Test(arguments: [true, false])
    func namesOfProviders(named: Bool) {
        let score = Score(Renames.pairs, named: named)
        score.printed(named ? "names only" : "with values")
        #expect(score.pairs >= 200)
        #expect(Renames.pairs.filter { $0.truth == .nothing }.count * 3 >= score.pairs)
        expectGood(score)
    }

    @Test(arguments: [true, false])
    func heldOutNames(named: Bool) {
        let score = Score(Renames.heldOutPairs, named: named)
        score.printed(named ? "held out, names only" : "held out, with values")
        #expect(score.pairs >= 60)
        expectGood(score)
    }

    /// What is applied is always right; nearly all that could be is; what is shown is worth a look.
    private func expectGood(_ score: Score) {
        #expect(score.applied.0 == score.applied.1, "\(score.mistakes)")
        #expect(score.same.applied * 100 >= score.same.all * 95, "\(score.mistakes)")
        #expect(score.same.found == score.same.all, "\(score.mistakes)")
        #expect(score.shown.0 * 10 >= score.shown.1 * 9, "\(score.mistakes)")
    }
}
