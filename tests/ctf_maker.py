"""Makes Common Transfer Files with made-up children, in the variants that systems write."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Pupil:
    """One learner; `blocks` are put in as they are."""

    upn: str = "B801200005001"
    surname: str = "Exampleson"
    forename: str = "Robin"
    born: str = "2016-03-14"
    sex: str = "<Sex>F</Sex>"
    details: str = "<NCyearActual>5</NCyearActual>"
    blocks: str = ""

    def xml(self) -> str:
        """The element."""
        upn = f"<UPN>{self.upn}</UPN>" if self.upn else ""
        return (
            f"<Pupil>{upn}<Surname>{self.surname}</Surname><Forename>{self.forename}</Forename>"
            f"<DOB>{self.born}</DOB>{self.sex}<BasicDetails>{self.details}</BasicDetails>"
            f"{self.blocks}</Pupil>"
        )


@dataclass
class Ctf:
    """A file; `head` goes before the root, `year` is the header's AcademicYear."""

    pupils: list[Pupil] = field(default_factory=lambda: [Pupil()])
    version: str = "25.0"
    made: str = "2026-11-10T09:30:00"
    year: str = "2026"
    head: str = ""
    supplement: str = ""

    def data(self, encoding: str = "utf-8") -> bytes:
        """The bytes of the file."""
        text = (
            f'<?xml version="1.0" encoding="{encoding}"?>\n{self.head}<CTfile><Header>'
            "<DocumentName>Common Transfer File</DocumentName>"
            f"<CTFversion>{self.version}</CTFversion><DateTime>{self.made}</DateTime>"
            "<DocumentQualifier>full</DocumentQualifier><SupplierID>TEST</SupplierID>"
            "<SourceSchool><LEA>937</LEA><Estab>1234</Estab><SchoolName>Example Primary"
            f"</SchoolName><AcademicYear>{self.year}</AcademicYear></SourceSchool>"
            "<DestSchool><LEA>937</LEA><Estab>4567</Estab></DestSchool></Header>"
            f"<CTFpupilData>{''.join(p.xml() for p in self.pupils)}</CTFpupilData>"
            f"{self.supplement}</CTfile>"
        )
        return text.encode(encoding)


SEN = (
    "<SENhistory><SEN><StartDate>2021-09-06</StartDate><SENprovision>K</SENprovision></SEN>"
    "<SEN><StartDate>2024-01-15</StartDate><SENprovision>E</SENprovision></SEN>{inside}"
    "</SENhistory>{beside}"
)
NEEDS = (
    "<SENneeds><SENneed><SENtypeRank>2</SENtypeRank><SENtype>ASD</SENtype></SENneed>"
    "<SENneed><SENtypeRank>1</SENtypeRank><SENtype>SLCN</SENtype></SENneed>"
    "<SENneed><NeedEndDate>2020-01-01</NeedEndDate><SENtypeRank>3</SENtypeRank>"
    "<SENtype>MLD</SENtype></SENneed></SENneeds>"
)
CONTACT = (
    "<Contacts><Contact><Order>1</Order><Title>Ms</Title><Surname>Exampleson</Surname>"
    "<Forename>Alex</Forename><Relationship>MOT</Relationship><Responsibility>true"
    "</Responsibility><AddressAsPupil>true</AddressAsPupil><Phones><Phone><TelephoneType>M"
    "</TelephoneType><PhoneNo>07700900000</PhoneNo></Phone></Phones>"
    "<Email>alex@example.test</Email></Contact></Contacts>"
)
