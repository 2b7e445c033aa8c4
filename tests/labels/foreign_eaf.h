#pragma once

#include <string_view>

namespace clipscope::test {

/// What ELAN writes, with much that Clipscope has no place for.
inline constexpr std::string_view foreignEaf = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment above -->
<ANNOTATION_DOCUMENT AUTHOR="Ann" DATE="2020-01-01T00:00:00+00:00" FORMAT="2.7" VERSION="2.7"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" x:extra="kept">
    <LICENSE LICENSE_URL="">free</LICENSE>
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <MEDIA_DESCRIPTOR MEDIA_URL="file:///old/soup.mp4" MIME_TYPE="video/mp4"/>
        <LINKED_FILE_DESCRIPTOR LINK_URL="x.csv" MIME_TYPE="text/csv"/>
        <PROPERTY NAME="URN">urn:nl-mpi-tools</PROPERTY>
        <PROPERTY NAME="lastUsedAnnotationId">7</PROPERTY>
    </HEADER>
    <TIME_ORDER>
        <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>
        <TIME_SLOT TIME_SLOT_ID="ts2" x:q="1"/>
        <TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="3000"/>
        <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="5000"/>
    </TIME_ORDER>
    <TIER LINGUISTIC_TYPE_REF="phases" TIER_ID="steps" PARTICIPANT="Bob" x:mark="tier">
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts3" EXT_REF="e1">
                <ANNOTATION_VALUE>cut &amp; stir</ANNOTATION_VALUE><x:more/>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
        <ANNOTATION>
            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4">
                <ANNOTATION_VALUE>pour</ANNOTATION_VALUE>
            </ALIGNABLE_ANNOTATION>
        </ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="parts" PARENT_REF="steps" TIER_ID="parts">
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
            <ANNOTATION_VALUE>first</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
        <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a4" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
            <ANNOTATION_VALUE>second</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="gloss" PARENT_REF="steps" TIER_ID="gloss">
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a5" ANNOTATION_REF="a2">
            <ANNOTATION_VALUE>verser</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
    </TIER>
    <TIER LINGUISTIC_TYPE_REF="words" PARENT_REF="gloss" TIER_ID="words">
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a7" ANNOTATION_REF="a5" PREVIOUS_ANNOTATION="a6">
            <ANNOTATION_VALUE>ser</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
        <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a6" ANNOTATION_REF="a5">
            <ANNOTATION_VALUE>ver</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
    </TIER>
    <LINGUISTIC_TYPE CONTROLLED_VOCABULARY_REF="verbs" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="phases" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Time_Subdivision" LINGUISTIC_TYPE_ID="parts" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" LINGUISTIC_TYPE_ID="gloss" TIME_ALIGNABLE="false"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Subdivision" LINGUISTIC_TYPE_ID="words" TIME_ALIGNABLE="false"/>
    <LOCALE LANGUAGE_CODE="en"/>
    <CONSTRAINT DESCRIPTION="x" STEREOTYPE="Time_Subdivision"/>
    <CONTROLLED_VOCABULARY CV_ID="verbs" DESCRIPTION="what one does">
        <CV_ENTRY DESCRIPTION="with a knife" EXT_REF="e1">cut &amp; stir</CV_ENTRY>
        <CV_ENTRY DESCRIPTION="">pour</CV_ENTRY>
    </CONTROLLED_VOCABULARY>
    <EXTERNAL_REF EXT_REF_ID="e1" TYPE="iso12620" VALUE="x"/>
    <x:unknown><x:deep>kept too</x:deep></x:unknown>
</ANNOTATION_DOCUMENT>
)";

} // namespace clipscope::test
