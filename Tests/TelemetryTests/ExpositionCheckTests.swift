import TestSupport
import Testing

/// The checker itself: each planted fault is found, and said in words that lead to it.
@Suite struct ExpositionCheckTests {
    private static let good = #"""
        # HELP a_total Counts \\ things.
        # TYPE a_total counter
        a_total{x="1"} 2
        a_total{x="a\\b\"c\nd"} 0
        # HELP b_seconds Takes time.
        # TYPE b_seconds histogram
        b_seconds_bucket{s="l",le="0.1"} 1
        b_seconds_bucket{s="l",le="+Inf"} 3
        b_seconds_sum{s="l"} 2.5e-07
        b_seconds_count{s="l"} 3
        # HELP c_bytes Is there.
        # TYPE c_bytes gauge
        c_bytes -1

        """#

    private static func faults(_ text: String) -> [String] { ExpositionCheck(Array(text.utf8)).faults.map(\.description) }

    @Test func aGoodScrapeHasNoFault() {
        let check = ExpositionCheck(Array(Self.good.utf8))
        #expect(check.faults.isEmpty)
        #expect(check.text.families.map(\.name) == ["a_total", "b_seconds", "c_bytes"])
        #expect(check.text.value("a_total", ["x": "a\\b\"c\nd"]) == 0 && check.text.value("b_seconds_sum", ["s": "l"]) == 2.5e-07)
        #expect(check.faults(before: check).isEmpty)
    }

    @Test(
        arguments: [
            ("a_total{x=\"1\"} 2\n", "a_total{x=\"1\"} 2\na_total{x=\"1\"} 2\n", "comes twice"),
            ("# TYPE a_total counter\n", "", "before its TYPE"), ("# HELP a_total Counts \\\\ things.\n", "", "has no HELP"),
            ("# TYPE a_total counter\n", "# TYPE a_total counter\n# TYPE a_total counter\n", "a second TYPE"),
            ("Counts \\\\ things.", "", "empty HELP"), ("Counts \\\\", "Counts \\x", "escape in the HELP"),
            ("counter\n", "untyped\n", "of type untyped"),
            ("a_total", "a_count", "does not end in _total"), ("c_bytes", "c_total", "is no counter"), ("b_seconds", "b_ms", "no base unit"),
            ("c_bytes", "c_timestamp_bytes", "does not end in _timestamp_seconds"), ("c_bytes", "a_bytes", "comes behind b_seconds"),
            ("# HELP c_bytes Is there.\n# TYPE c_bytes gauge\n", "", "does not belong to b_seconds"), ("c_bytes -1\n", "c_bytes -1", "does not end"),
            ("c_bytes -1\n", "", "has no samples"), ("c_bytes -1", "c_bytes -1 1700000000", "behind the value"),
            ("c_bytes -1", "c_bytes 0x1", "is no value"),
            ("c_bytes -1", "c_bytes inf", "is no value"), ("c_bytes -1", "c_bytes NaN", "not a number"),
            ("c_bytes -1", "c_bytes  -1", "behind the value"),
            ("c_bytes -1", "c_bytes{} -1", "no label name"), ("{x=\"1\"} 2", "{x=\"1\"} -2", "a counter of -2"),
            ("x=\"1\"", "y=\"1\"", "other labels"),
            ("x=\"1\"", "x=\"1\",x=\"1\"", "given twice"), ("x=\"1\"", "x=\"1\",b=\"1\"", "not in order"), ("x=\"1\"", "x=\"\\t\"", "is no escape"),
            ("x=\"1\"", "x=\"1", "label"), ("x=\"1\"", "x=\"z\"", "series of a_total are not in order"), ("x=\"1\"", "__x=\"1\"", "reserved"),
            ("x=\"1\"", "x=\"1\"\r", "carriage return"), ("\n# HELP b", "\n\n# HELP b", "an empty line"),
            ("# HELP b_", "# help\n# HELP b_", "neither HELP nor TYPE"),
            ("b_seconds_bucket{s=\"l\",le=\"+Inf\"} 3\n", "", "no bucket +Inf"), ("\"0.1\"} 1", "\"0.1\"} 4", "not cumulative"),
            ("\"+Inf\"} 3", "\"+Inf\"} 2", "+Inf is not _count"), ("\"0.1\"} 1", "\"0.1\"} 0.5", "no whole number"),
            ("b_seconds_sum{s=\"l\"} 2.5e-07\n", "", "not all there"), ("\"0.1\"", "\"+Inf\"", "not in order"),
            ("c_bytes -1", "c_bytes{le=\"1\"} -1", "le is for buckets"),
        ] as [(String, String, String)]
    )
    func aPlantedFaultIsFound(_ original: String, _ planted: String, _ word: String) {
        #expect(Self.good.contains(original), "nothing would be planted")
        let faults = Self.faults(Self.good.replacing(original, with: planted))
        #expect(faults.contains { $0.contains(word) }, "\(planted.debugDescription): \(faults)")
    }

    @Test func aTextThatIsNotUTF8IsFound() {
        #expect(ExpositionCheck(Array(Self.good.utf8) + [0xFF, 0x0A]).faults.map(\.message) == ["the text is not UTF-8"])
    }

    @Test func otherBucketsInAnotherSeriesAreFound() {
        let other = "b_seconds_bucket{s=\"m\",le=\"+Inf\"} 0\nb_seconds_sum{s=\"m\"} 1\nb_seconds_count{s=\"m\"} 0\n"
        let faults = Self.faults(Self.good.replacing("# HELP c_bytes", with: other + "# HELP c_bytes"))
        #expect(faults.count == 2 && faults[0].contains("not those of the other series") && faults[1].contains("a sum of nothing"), "\(faults)")
    }

    @Test(
        arguments: [
            ("a_total{x=\"1\"} 2", "a_total{x=\"1\"} 1", "fell from 2.0 to 1.0"), ("a_total{x=\"1\"} 2\n", "", "is gone"),
            ("# HELP c_bytes Is there.\n# TYPE c_bytes gauge\nc_bytes -1\n", "", "c_bytes is gone"), ("Is there.", "Is not.", "another metric"),
            ("2.5e-07", "2.5e-08", "fell"), ("c_bytes -1", "c_bytes -2", ""),
        ] as [(String, String, String)]
    )
    func whatALaterScrapeMayNotDoIsFound(_ original: String, _ planted: String, _ word: String) {
        let later = ExpositionCheck(Array(Self.good.replacing(original, with: planted).utf8))
        let faults = ExpositionCheck(Array(Self.good.utf8)).faults(before: later).map(\.message)
        #expect(word.isEmpty ? faults.isEmpty : faults.count == 1 && faults[0].contains(word), "\(faults)")
    }
}
