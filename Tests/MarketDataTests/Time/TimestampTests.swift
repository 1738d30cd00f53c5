import MarketData
import TestSupport
import Testing

@Suite struct TimestampTests {
    static func read(_ text: String, _ format: Timestamp.Format = .init()) -> Result<String, Timestamp.Failure> {
        do throws(Timestamp.Failure) {
            return .success(try Timestamp.parse(text, format: format).description)
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [
        ("2024-12-15T14:30:00Z", "2024-12-15T14:30:00Z"), ("2024-12-15t14:30:00z", "2024-12-15T14:30:00Z"),
        ("2024-12-15 14:30:00Z", "2024-12-15T14:30:00Z"), (" 2024-12-15T14:30:00Z\u{A0}", "2024-12-15T14:30:00Z"),
        ("2024-12-15T14:30:00.5Z", "2024-12-15T14:30:00.500Z"), ("2024-12-15T14:30:00.120Z", "2024-12-15T14:30:00.120Z"),
        ("2024-12-15T14:30:00.000Z", "2024-12-15T14:30:00Z"), ("2024-12-15T14:30:00.9999999Z", "2024-12-15T14:30:00.999Z"),
        ("2024-12-15T14:30:00+05:30", "2024-12-15T09:00:00Z"), ("2024-12-15T14:30:00-0500", "2024-12-15T19:30:00Z"),
        ("2024-12-15T14:30:00+05", "2024-12-15T09:30:00Z"), ("2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00Z"),
        ("2024-12-15T14:30Z", "2024-12-15T14:30:00Z"), ("2024-12-15T14:30:00", "2024-12-15T14:30:00Z"),
        ("2024-12-15", "2024-12-15T00:00:00Z"), ("2024-12-15 14:30", "2024-12-15T14:30:00Z"),
        ("2024-12-15  14:30:01", "2024-12-15T14:30:01Z"), ("2019-06-07 19:51:00.000000", "2019-06-07T19:51:00Z"),
        ("2013-04-28 00:00:00 UTC", "2013-04-28T00:00:00Z"), ("2013-04-28 00:00 gmt", "2013-04-28T00:00:00Z"),
        ("2020-02-29", "2020-02-29T00:00:00Z"), ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"), ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("2017-01-01T05:29:60.7+05:30", "2017-01-01T00:00:00Z"),
        ("2024/12/15 01:02:03", "2024-12-15T01:02:03Z"),
    ])
    func datesAndTimes(written: String, utc: String) {
        #expect(Self.read(written) == .success(utc), "\(written)")
    }

    @Test(arguments: [
        ("Fri, 10 Mar 2023 21:05:00 +0000", "2023-03-10T21:05:00Z"), ("10 Mar 2023 21:05 GMT", "2023-03-10T21:05:00Z"),
        ("Fri, 10 Mar 2023 21:05:00 EST", "2023-03-11T02:05:00Z"), ("Fri, 1 Mar 23 21:05:00 -0330", "2023-03-02T00:35:00Z"),
        ("friday, 10 march 2023 21:05:00 UT", "2023-03-10T21:05:00Z"), ("13 April 2026", "2026-04-13T00:00:00Z"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"), ("10 Mar 2023 21:05:00", "2023-03-10T21:05:00Z"),
    ])
    func feedDates(written: String, utc: String) {
        #expect(Self.read(written) == .success(utc), "\(written)")
    }

    @Test(arguments: [
        ("Sep 17, 2024", "2024-09-17T00:00:00Z"), ("Feb 20, 2018", "2018-02-20T00:00:00Z"), ("september 1 2024", "2024-09-01T00:00:00Z"),
        ("Tuesday, September 17, 2024", "2024-09-17T00:00:00Z"), ("May 1,2024 7:05 PM", "2024-05-01T19:05:00Z"),
        ("2020-11-20 07-AM", "2020-11-20T07:00:00Z"), ("2020-11-20 12-AM", "2020-11-20T00:00:00Z"),
        ("2020-11-20 12-PM", "2020-11-20T12:00:00Z"), ("2020-11-20 07:00 pm", "2020-11-20T19:00:00Z"),
        ("2020-11-20 11:59:59.5PM UTC", "2020-11-20T23:59:59.500Z"), ("10 Mar 2023 9:05 PM GMT", "2023-03-10T21:05:00Z"),
    ])
    func datesAsPeopleWriteThem(written: String, utc: String) {
        #expect(Self.read(written) == .success(utc), "\(written)")
    }

    @Test(arguments: [
        ("1605855600", "2020-11-20T07:00:00Z"), ("1605855600.0", "2020-11-20T07:00:00Z"),
        ("1512345678.1239", "2017-12-04T00:01:18.123Z"), ("1609286400000", "2020-12-30T00:00:00Z"),
        ("1609286400000000", "2020-12-30T00:00:00Z"), ("1609286400123456789", "2020-12-30T00:00:00.123Z"),
        ("1609286400123999", "2020-12-30T00:00:00.123Z"), ("1609286400123.9", "2020-12-30T00:00:00.123Z"),
        ("0", "1970-01-01T00:00:00Z"), ("99999999999", "5138-11-16T09:46:39Z"), ("100000000000", "1973-03-03T09:46:40Z"),
        ("99999999999999", "5138-11-16T09:46:39.999Z"), ("100000000000000", "1973-03-03T09:46:40Z"),
        ("99999999999999999", "5138-11-16T09:46:39.999Z"), ("100000000000000000", "1973-03-03T09:46:40Z"),
        ("9223372036854775807", "2262-04-11T23:47:16.854Z"), ("0001605855600", "2020-11-20T07:00:00Z"),
    ])
    func epochUnitsAreToldApart(written: String, utc: String) {
        #expect(Self.read(written) == .success(utc), "\(written)")
    }

    @Test(arguments: [
        "", " ", "now", "2024-02-30", "2023-02-29", "2024-13-01", "2024-1-1", "24-01-01", "2024-12-15T", "2024-12-15T24:00:00Z",
        "2024-12-15T14", "2024-12-15T14:60Z", "2024-12-15T14:30:61Z", "2024-12-15T14:30:60Z", "2024-12-15T14:30:00.Z",
        "2024-12-15T14:30:00+5", "2024-12-15T14:30:00+24:00", "2024-12-15T14:30:00+05:3", "2024-12-15T14:30:00Zulu1!",
        "2020-11-20 13-PM", "2020-11-20 00:30 AM", "2020-11-20 07-XM", "2020-11-20 07-", "2024-12-15x", "-5", "1.", ".5", "1e9",
        "1.60586E+12", "92233720368547758080", "99999999999999999999999", "20x", "2024-12-1514:30", "1605855600 x",
        "32 Mar 2023 00:00 GMT", "Foo, 10 Mar 2023 00:00 GMT", "10 Mar 123 00:00 GMT", "10 Mayor 2023", "10 Ma 2023",
        "1/2/24", "2024/2/3", "Sep 31, 2024", "Sep 17", "Sept 17, 2024", "Sep17, 2024", "Sep 17, 24", "Sep 17, 20245", "1-2-24", "1.2.24",
        "1.2/2024",
    ])
    func otherTextIsUnreadable(written: String) {
        #expect(Self.read(written) == .failure(.unreadable), "\(written)")
    }

    @Test(arguments: [
        "2020-01-01 00:00 EST", "2020-01-01T00:00:00 Europe/Berlin", "2020-01-01 00:00:00 CET", "2020-01-01 00:00PST",
        "Fri, 10 Mar 2023 21:05:00 CEST", "Fri, 10 Mar 2023 21:05:00 A",
    ])
    func zoneNamesAreNamedAsTheReason(written: String) {
        #expect(Self.read(written) == .failure(.zoneName), "\(written)")
    }

    @Test func aDeclaredOffsetHoldsWhereTheTextHasNone() {
        let india = Timestamp.Format(offsetMinutes: 330)
        #expect(Self.read("2024-12-15 05:30", india) == .success("2024-12-15T00:00:00Z"))
        #expect(Self.read("2024-12-15", india) == .success("2024-12-14T18:30:00Z"))
        #expect(Self.read("2024-12-15 05:30Z", india) == .success("2024-12-15T05:30:00Z"))
        #expect(Self.read("2024-12-15 05:30-01:00", india) == .success("2024-12-15T06:30:00Z"))
        #expect(Self.read("1605855600", india) == .success("2020-11-20T07:00:00Z"))
    }

    @Test func slashesNeedADeclaration() {
        let dayFirst = Timestamp.Format(slashes: .dayFirst)
        let monthFirst = Timestamp.Format(slashes: .monthFirst)
        #expect(Self.read("03/04/2024") == .failure(.ambiguousDate))
        #expect(Self.read("28/4/2013") == .failure(.ambiguousDate), "not even where only one order is possible")
        #expect(Self.read("03/04/2024", dayFirst) == .success("2024-04-03T00:00:00Z"))
        #expect(Self.read("03/04/2024", monthFirst) == .success("2024-03-04T00:00:00Z"))
        #expect(Self.read("28/4/2013 14:05", dayFirst) == .success("2013-04-28T14:05:00Z"))
        #expect(Self.read("28/4/2013", monthFirst) == .failure(.unreadable))
        #expect(Self.read("3/4/24", dayFirst) == .failure(.unreadable))
        for date in ["28.04.2013", "28-4-2013 00:00:00", "28/04/2013 12:00 AM"] {
            #expect(Self.read(date) == .failure(.ambiguousDate), "\(date)")
            #expect(Self.read(date, dayFirst) == .success("2013-04-28T00:00:00Z"), "\(date)")
        }
    }

    @Test func everyDayOfThirtyYearsComesBack() throws {
        let first = try Timestamp.parse("2000-01-01").milliseconds
        for day in 0..<11_323 {
            let moment = Timestamp(milliseconds: first + Int64(day) * 86_400_000 + Int64(day * 7_919 % 86_400_000))
            #expect(try Timestamp.parse(moment.description) == moment)
        }
    }

    @Test func momentsOutsideFourDigitYearsPrintWithoutTrapping() {
        #expect(Timestamp(milliseconds: 253_402_300_800_000).description == "+010000-01-01T00:00:00Z")
        #expect(Timestamp(milliseconds: -62_167_219_200_001).description == "-000001-12-31T23:59:59.999Z")
        #expect(!Timestamp(milliseconds: .max).description.isEmpty)
        #expect(!Timestamp(milliseconds: .min).description.isEmpty)
        #expect(Timestamp.earliest.description == "2009-01-01T00:00:00Z")
    }

    @Test func aCivilTimeComesBack() throws {
        let moment = try Timestamp.parse("2024-12-15T14:30:05.067Z")
        let civil = CivilDateTime(moment)
        #expect((civil.hour, civil.minute, civil.second, civil.millisecond) == (14, 30, 5, 67))
        #expect(civil.timestamp == moment)
        #expect(CivilDateTime(date: civil.date, hour: 24) == nil)
    }

    @Test func randomTextNeverTraps() {
        let letters = bytes("0123456789-:/TZ +.,GMTJanFebUTC")
        fuzz(milliseconds: 700) { _, random in
            let text = (0..<random.below(32)).map { _ in random.below(40) == 0 ? UInt8.random(in: 0...255, using: &random) : random.pick(letters) }
            _ = try? Timestamp.parse(text.span)
            _ = try? Timestamp.parse(text.span, format: .init(offsetMinutes: -90, slashes: .dayFirst))
        }
    }

    /// The usual form is read in one go, with a blank before it step by step.
    @Test func usualFormIsReadAsTheOthersAre() {
        for text in ["2024-12-15T14:30:59Z", "2009-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "0000-03-01T00:00:00Z"] {
            #expect(Self.read(text) == .success(text))
            for index in text.utf8.indices {
                for byte in [0x2F, 0x30, 0x32, 0x36, 0x39, 0x3A, 0x2D, 0x54, 0x5A, 0x20] as [UInt8] {
                    let changed = String(
                        decoding: Array(text.utf8[..<index]) + [byte] + Array(text.utf8[text.utf8.index(after: index)...]),
                        as: UTF8.self
                    )
                    #expect(Self.read(changed) == Self.read(" " + changed), "\(changed)")
                }
            }
        }
    }
}
